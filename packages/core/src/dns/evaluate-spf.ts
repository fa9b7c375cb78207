import type { AskingDns, DnsLookup } from "./dns-lookup.ts";
import { type IpBits, ipBits, sharesPrefix } from "./ip-bits.ts";
import { dottedAddress, expandDomainSpec, needsProvenName } from "./spf-macro.ts";
import {
  type AskingDirective,
  parseSpf,
  type SpfDirective,
  type SpfQualifier,
  spfRecordsOf,
} from "./spf-terms.ts";

/** RFC 7208 §4.6.4: what one check may cost those whom it asks. */
export const spfLimits = { lookups: 10, voidLookups: 2, namesPerAnswer: 10 } as const;

export type SpfResult = SpfQualifier | "none" | "permerror" | "temperror";

/** What a receiver concludes of one address, and by which terms it got there. */
export interface SpfEvaluation {
  address: string;
  result: SpfResult;
  /** The terms that decided, from the record's own inwards; empty when no term matched. */
  path: readonly string[];
  lookups: number;
  voidLookups: number;
  /** Why the record cannot be evaluated, as a part of a sentence; null when it can. */
  problem: string | null;
}

export interface SpfCheck {
  /** The address that connects. */
  address: string;
  /** The domain of the envelope sender. */
  domain: string;
  sender: string;
  helo: string;
  /** The record of the domain, when it is known already; otherwise it is asked for. */
  record?: string;
}

interface Outcome {
  result: SpfResult;
  path: readonly string[];
  problem: string | null;
}

type Match = boolean | Outcome;

/** Decides by RFC 7208 whether an address may send for a domain, as a receiver that follows every limit does. */
export function* evaluateSpf(check: SpfCheck): AskingDns<SpfEvaluation> {
  const address = ipBits(check.address);
  if (address === null) throw new RangeError(`${check.address} is not an IP address`);
  const run = new SpfRun(check, address);
  const { result, path, problem } = yield* run.checkHost(check.domain, check.record);
  const { lookups, voidLookups } = run;
  return { address: check.address, result, path, problem, lookups, voidLookups };
}

/** One check_host() with what it has spent, which its includes and redirects share. */
class SpfRun {
  lookups = 0;
  voidLookups = 0;
  readonly #check: SpfCheck;
  readonly #address: IpBits;

  constructor(check: SpfCheck, address: IpBits) {
    this.#check = check;
    this.#address = address;
  }

  *checkHost(domain: string, known?: string): AskingDns<Outcome> {
    if (!isLookable(domain) || !domain.includes(".")) return none;
    const records = known === undefined ? yield* this.#recordsOf(domain) : [known];
    if (!Array.isArray(records)) return records;
    if (records.length > 1) return permanent(`${domain} has ${records.length} SPF records instead of one`);
    if (records[0] === undefined) return none;
    const terms = parseSpf(records[0]);
    if (terms.kind === "invalid")
      return permanent(`${terms.problem} (in the record of ${withoutDot(domain)})`);
    for (const directive of terms.directives) {
      const match = yield* this.#matches(directive, domain);
      if (typeof match !== "boolean") {
        const isMatch = match.problem === null;
        const path = [directive.text, ...match.path];
        return isMatch ? { result: directive.qualifier, path, problem: null } : { ...match, path };
      }
      if (match) return { result: directive.qualifier, path: [directive.text], problem: null };
    }
    if (terms.redirect === null) return { result: "neutral", path: [], problem: null };
    return yield* this.#redirect(terms.redirect, domain);
  }

  *#recordsOf(domain: string): AskingDns<string[] | Outcome> {
    const answer = yield { name: withoutDot(domain), type: "TXT" };
    if (answer.kind === "failed") return temporary(answer.problem);
    return spfRecordsOf(answer.kind === "found" ? answer.values : []);
  }

  *#redirect(spec: string, domain: string): AskingDns<Outcome> {
    const over = this.#countLookup();
    if (over !== null) return over;
    const target = yield* this.#expand(spec, domain);
    const outcome = yield* this.checkHost(target);
    const path = [`redirect=${spec}`, ...outcome.path];
    if (outcome.result === "none")
      return { ...permanent(`${target} has no SPF record to redirect to`), path };
    return { ...outcome, path };
  }

  *#matches(directive: SpfDirective, domain: string): AskingDns<Match> {
    if (directive.mechanism === "all") return true;
    if (directive.mechanism === "ip") return sharesPrefix(this.#address, directive.network, directive.prefix);
    const over = this.#countLookup();
    if (over !== null) return over;
    const { target } = directive;
    const name = target === null ? withoutDot(domain) : yield* this.#expand(target, domain);
    return yield* this.#matchesByAsking(directive, name);
  }

  *#matchesByAsking(directive: AskingDirective, target: string): AskingDns<Match> {
    switch (directive.mechanism) {
      case "include":
        return yield* this.#includes(target);
      case "exists": {
        const found = yield* this.#values({ name: target, type: "A" });
        return Array.isArray(found) ? found.length > 0 : found;
      }
      case "ptr": {
        const names = yield* this.#provenNames();
        return Array.isArray(names) ? names.some((name) => isWithin(name, target)) : names;
      }
      case "a":
        return yield* this.#leadsToUs(target, directive);
      case "mx":
        return yield* this.#mailGoesToUs(target, directive);
    }
  }

  /** An include matches when its check passes, and never decides by its own fail (RFC 7208 §5.2). */
  *#includes(target: string): AskingDns<Match> {
    const outcome = yield* this.checkHost(target);
    if (outcome.result === "pass") return outcome;
    if (outcome.result === "none") return permanent(`${target} has no SPF record to include`);
    return outcome.problem === null ? false : outcome;
  }

  *#leadsToUs(name: string, prefixes: { prefix4: number; prefix6: number }): AskingDns<Match> {
    const { width } = this.#address;
    const found = yield* this.#values({ name, type: width === 32 ? "A" : "AAAA" });
    if (!Array.isArray(found)) return found;
    return found.some((text) => {
      const bits = ipBits(text);
      return (
        bits !== null && sharesPrefix(bits, this.#address, width === 32 ? prefixes.prefix4 : prefixes.prefix6)
      );
    });
  }

  *#mailGoesToUs(name: string, prefixes: { prefix4: number; prefix6: number }): AskingDns<Match> {
    const found = yield* this.#values({ name, type: "MX" });
    if (!Array.isArray(found)) return found;
    const hosts = found.map((value) => withoutDot(value.split(" ")[1] ?? "")).filter((host) => host !== "");
    if (hosts.length > spfLimits.namesPerAnswer)
      return permanent(
        `${name} has ${hosts.length} MX hosts, and SPF looks at no more than ${spfLimits.namesPerAnswer}`,
      );
    for (const host of hosts) {
      const match = yield* this.#leadsToUs(host, prefixes);
      if (match !== false) return match;
    }
    return false;
  }

  /** Names that the address leads to and that lead back to it; what cannot be asked about is left out (§5.5). */
  *#provenNames(): AskingDns<string[] | Outcome> {
    const found = yield* this.#values({ name: this.#reverseName(), type: "PTR" });
    if (!Array.isArray(found)) return found.result === "permerror" ? found : [];
    const proven: string[] = [];
    for (const name of found.slice(0, spfLimits.namesPerAnswer).map(withoutDot)) {
      const match = yield* this.#leadsToUs(name, { prefix4: 32, prefix6: 128 });
      if (match === true) proven.push(name);
      else if (match !== false && match.result === "permerror") return match;
    }
    return proven;
  }

  *#expand(spec: string, domain: string): AskingDns<string> {
    const provenName = needsProvenName(spec) ? yield* this.#bestProvenName(domain) : "unknown";
    const { sender, helo } = this.#check;
    return expandDomainSpec(spec, {
      sender,
      helo,
      domain: withoutDot(domain),
      address: this.#address,
      provenName,
    });
  }

  *#bestProvenName(domain: string): AskingDns<string> {
    const names = yield* this.#provenNames();
    if (!Array.isArray(names)) return "unknown";
    const best =
      names.find((name) => name.toLowerCase() === domain.toLowerCase()) ??
      names.find((name) => isWithin(name, domain));
    return best ?? names[0] ?? "unknown";
  }

  /** The values under a name; an answer without any counts as void, and too many of those end the check. */
  *#values(lookup: DnsLookup): AskingDns<string[] | Outcome> {
    if (!isLookable(lookup.name)) return [];
    const answer = yield lookup;
    if (answer.kind === "failed") return temporary(answer.problem);
    if (answer.kind === "found" && answer.values.length > 0) return [...answer.values];
    this.voidLookups += 1;
    if (this.voidLookups <= spfLimits.voidLookups) return [];
    return permanent(
      `more than ${spfLimits.voidLookups} of its look-ups lead nowhere, the last of them ${lookup.type} of ${lookup.name}`,
    );
  }

  #countLookup(): Outcome | null {
    this.lookups += 1;
    if (this.lookups <= spfLimits.lookups) return null;
    return permanent(`it needs more than ${spfLimits.lookups} look-ups`);
  }

  #reverseName(): string {
    const parts = dottedAddress(this.#address).split(".").reverse().join(".");
    return `${parts}.${this.#address.width === 32 ? "in-addr" : "ip6"}.arpa`;
  }
}

const none: Outcome = { result: "none", path: [], problem: null };

function permanent(problem: string): Outcome {
  return { result: "permerror", path: [], problem };
}

function temporary(problem: string): Outcome {
  return { result: "temperror", path: [], problem };
}

/** A name that the DNS can hold (RFC 1035 §2.3.4); any other is asked nobody. */
function isLookable(name: string): boolean {
  const labels = withoutDot(name).split(".");
  return name.length <= 254 && labels.every((label) => label.length > 0 && label.length <= 63);
}

function isWithin(name: string, domain: string): boolean {
  return `.${name.toLowerCase()}`.endsWith(`.${domain.toLowerCase()}`);
}

function withoutDot(name: string): string {
  return name.endsWith(".") ? name.slice(0, -1) : name;
}
