import type { MailHostFacts } from "@mailstead/core/checks";
import {
  type DnsLookup,
  type DnsLookupAnswer,
  judgeZone,
  type NameServerAnswer,
  type ZoneVerdict,
} from "@mailstead/core/dns";
import { askAuthorities } from "./ask-authorities.ts";
import { DnsMemory } from "./dns-memory.ts";
import { type PageFetching, pageFetching } from "./fetch-page.ts";
import { type FoundZone, findZone } from "./find-zone.ts";
import { type InspectedZone, inspectZone } from "./inspect-zone.ts";
import { DnsQueryError } from "./query-name-server.ts";
import { valuesOf } from "./reply.ts";
import { type Authority, addressesOf, askResolver, type Resolver } from "./resolver.ts";

// Resolvers follow about as many before they give up.
const aliasesMax = 8;

/**
 * What the DNS says during one check. Each question is asked once: names in the zones that were inspected at those
 * zones' own servers, past every cache, and all other names through the resolver.
 */
export class DnsView {
  readonly #resolver: Resolver;
  readonly #memory: DnsMemory;
  /** The zones that this check is about. */
  readonly #inspected = new Map<string, Promise<InspectedZone>>();

  constructor(resolver: Resolver) {
    this.#resolver = resolver;
    this.#memory = resolver.memory ?? new DnsMemory();
  }

  /** Pages are fetched so that a host that is away is waited for once by all checks that share what they heard. */
  fetchingOf(fetching: PageFetching = pageFetching): PageFetching {
    return { ...fetching, silentHosts: this.#memory.silentHosts };
  }

  /** Mail hosts of others are met once by all checks that share what they heard. */
  rememberHost(name: string, meet: () => Promise<MailHostFacts>): Promise<MailHostFacts> {
    return once(this.#memory.mailHosts, name.toLowerCase(), meet);
  }

  /** Tests the zone that a name lies in, as one whose owner we answer to; a registry's zone is not tested. */
  async inspectZoneOf(name: string, now: Date): Promise<void> {
    const zone = await this.#zoneOf(name);
    if (zone === null || !zone.name.includes(".")) return;
    const inspected = once(this.#memory.inspected, zone.name, () =>
      inspectZone(zone, { resolver: this.#resolver, now }),
    );
    this.#inspected.set(zone.name, inspected);
    await inspected;
  }

  /** What was found out about every zone that was tested. */
  async zoneVerdicts(): Promise<ZoneVerdict[]> {
    const inspected = await Promise.all(this.#inspected.values());
    return inspected.map(({ facts }) => judgeZone(facts));
  }

  /** The zone that a name lies in, the root's being ""; null when none was found. */
  async nameOfZoneOf(name: string): Promise<string | null> {
    return (await this.#zoneOf(name))?.name ?? null;
  }

  /** What every authoritative server of a name answers; where it is an alias, also what those of its target do. */
  askEverywhere(question: DnsLookup): Promise<NameServerAnswer[]> {
    return this.#askFollowing(question, new Set([question.name.toLowerCase()]));
  }

  /** One answer, for a decision that needs one. Never throws for what the network does. */
  answer(lookup: DnsLookup): Promise<DnsLookupAnswer> {
    return once(this.#memory.lookups, keyOf(lookup), () =>
      this.#isInspected(lookup.name) ? this.answerOfAuthorities(lookup) : this.#answerOfResolver(lookup),
    );
  }

  /** One answer of the name's own servers, past every cache. Never throws for what the network does. */
  async answerOfAuthorities(lookup: DnsLookup): Promise<DnsLookupAnswer> {
    try {
      const answers = await this.askEverywhere(lookup);
      const heard = answers.find((answer) => answer.kind === "answered");
      if (heard !== undefined) return found(heard.values);
      const failed = answers.find((answer) => answer.kind === "failed");
      return { kind: "failed", problem: failed?.problem ?? `no name server answers for ${lookup.name}` };
    } catch (cause) {
      return failedBy(cause);
    }
  }

  /** Each name once and few in all: a zone whose servers each name other aliases would lead to ever more questions. */
  async #askFollowing(question: DnsLookup, followed: Set<string>): Promise<NameServerAnswer[]> {
    const answers = await once(this.#memory.answers, keyOf(question), async () =>
      askAuthorities(await this.#authoritiesOf(question.name), question),
    );
    const targets = new Set(
      answers.flatMap((answer) => (answer.kind === "alias" ? [answer.target.toLowerCase()] : [])),
    );
    const left = Math.max(0, 1 + aliasesMax - followed.size);
    const next = [...targets].filter((name) => !followed.has(name)).slice(0, left);
    for (const name of next) followed.add(name);
    const further = await Promise.all(
      next.map((name) => this.#askFollowing({ ...question, name }, followed)),
    );
    return [...answers, ...further.flat()];
  }

  async #authoritiesOf(name: string): Promise<Authority[]> {
    const zone = await this.#zoneOf(name);
    if (zone === null) return [];
    const inspected = await this.#inspected.get(zone.name);
    if (inspected !== undefined) return inspected.authorities;
    return once(
      this.#memory.authorities,
      zone.name,
      async () => (await addressesOf(zone, this.#resolver)).authorities,
    );
  }

  #zoneOf(name: string): Promise<FoundZone | null> {
    return once(this.#memory.zones, name.toLowerCase(), () =>
      findZone(name, { resolver: this.#resolver, confirmed: this.#memory.confirmed }),
    );
  }

  #isInspected(name: string): boolean {
    return [...this.#inspected.keys()].some((zone) => `.${name.toLowerCase()}`.endsWith(`.${zone}`));
  }

  async #answerOfResolver(lookup: DnsLookup): Promise<DnsLookupAnswer> {
    try {
      const reply = await askResolver(this.#resolver, lookup);
      return reply === null
        ? { kind: "failed", problem: `the name servers of ${lookup.name} do not answer as they should` }
        : found(valuesOf(reply.answers ?? [], lookup.type));
    } catch (cause) {
      return failedBy(cause);
    }
  }
}

function found(values: readonly string[]): DnsLookupAnswer {
  return values.length === 0 ? { kind: "none" } : { kind: "found", values };
}

function failedBy(cause: unknown): DnsLookupAnswer {
  if (!(cause instanceof DnsQueryError)) throw cause;
  return { kind: "failed", problem: cause.message };
}

function keyOf({ name, type }: DnsLookup): string {
  return `${type} ${name.toLowerCase()}`;
}

function once<Value>(
  known: Map<string, Promise<Value>>,
  key: string,
  find: () => Promise<Value>,
): Promise<Value> {
  const value = known.get(key) ?? find();
  known.set(key, value);
  return value;
}
