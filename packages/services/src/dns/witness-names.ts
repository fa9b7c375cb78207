import type { NameServerAnswer } from "@mailstead/core/dns";
import { DnsView } from "./dns-view.ts";
import { findZone } from "./find-zone.ts";
import { DnsQueryError, queryNameServer } from "./query-name-server.ts";
import { errorOf, isSameName } from "./reply.ts";
import { type Authority, addressesOf, type Resolver } from "./resolver.ts";

export interface WitnessedServer {
  nameServer: string;
  address: string;
  /** Null when it did not tell. */
  serial: number | null;
  /** How long it lets resolvers remember that a name does not exist, at most (RFC 2308 §4). */
  soaMinimumSeconds: number | null;
  /** The longest time that it lets resolvers keep what stands under one of the names. */
  longestTtlSeconds: number | null;
  problem: string | null;
}

export type Witness =
  | {
      kind: "heard";
      zones: { zone: string; servers: WitnessedServer[] }[];
      names: { name: string; answers: NameServerAnswer[] }[];
    }
  | { kind: "resolver-silent"; sentence: string };

/**
 * What every authoritative server says now of TXT names and of the version of their zones, past all caches; behind an
 * alias those of its target are asked too. Never throws for what the network does.
 */
export async function witnessNames(
  names: readonly string[],
  resolver: Resolver,
  now = new Date(),
): Promise<Witness> {
  const view = new DnsView(resolver);
  try {
    await Promise.all(names.map((name) => view.inspectZoneOf(name, now)));
    const heard = await Promise.all(
      names.map(async (name) => ({ name, answers: await view.askEverywhere({ name, type: "TXT" }) })),
    );
    const targets = heard.flatMap(({ answers }) =>
      answers.flatMap((answer) => (answer.kind === "alias" ? [answer.target] : [])),
    );
    return { kind: "heard", zones: await witnessZones([...names, ...targets], resolver), names: heard };
  } catch (cause) {
    if (!(cause instanceof DnsQueryError)) throw cause;
    return {
      kind: "resolver-silent",
      sentence: `The resolver that Mailstead asks does not answer (${cause.message}), so nothing is known of the records now.`,
    };
  }
}

async function witnessZones(names: readonly string[], resolver: Resolver) {
  const search = { resolver, confirmed: new Map() };
  const zones = new Map<string, { zone: Awaited<ReturnType<typeof findZone>>; names: string[] }>();
  for (const name of new Set(names)) {
    const zone = await findZone(name, search);
    if (zone === null) continue;
    const known = zones.get(zone.name) ?? { zone, names: [] };
    zones.set(zone.name, { ...known, names: [...known.names, name] });
  }
  return Promise.all(
    [...zones.values()].map(async ({ zone, names: inZone }) => {
      const { authorities } = zone === null ? { authorities: [] } : await addressesOf(zone, resolver);
      const asked = await Promise.all(
        authorities.map((authority) =>
          witnessServer(authority, { zone: zone?.name ?? "", names: inZone, known: new Set(names) }),
        ),
      );
      return {
        zone: zone?.name ?? "",
        servers: asked.flatMap((server) => (server === null ? [] : [server])),
      };
    }),
  );
}

/** Null when this machine has no way to the server, which says nothing of it. */
async function witnessServer(
  authority: Authority,
  { zone, names, known }: { zone: string; names: readonly string[]; known: ReadonlySet<string> },
): Promise<WitnessedServer | null> {
  const who = { nameServer: authority.name, address: authority.address };
  const silent = { ...who, serial: null, soaMinimumSeconds: null, longestTtlSeconds: null };
  try {
    const reply = await queryNameServer(authority, { name: zone, type: "SOA" });
    const soa = reply.answers?.find((answer) => answer.type === "SOA");
    if (soa?.type !== "SOA")
      return { ...silent, problem: errorOf(reply) ?? "it does not answer for this zone" };
    const ttls = await Promise.all(names.map((name) => longestTtl(authority, name, known)));
    return {
      ...who,
      serial: soa.data.serial ?? 0,
      soaMinimumSeconds: soa.data.minimum ?? 0,
      longestTtlSeconds: Math.max(0, ...ttls),
      problem: null,
    };
  } catch (cause) {
    if (!(cause instanceof DnsQueryError)) throw cause;
    return cause.isWithoutRoute ? null : { ...silent, problem: cause.message };
  }
}

/** An alias of a name that is asked itself stays as it is, so how long it is kept makes no difference. */
async function longestTtl(authority: Authority, name: string, known: ReadonlySet<string>): Promise<number> {
  const { answers = [] } = await queryNameServer(authority, { name, type: "TXT" });
  const own = answers.filter(
    (answer) =>
      isSameName(answer.name, name) && !(answer.type === "CNAME" && known.has(answer.data.toLowerCase())),
  );
  return Math.max(0, ...own.map((answer) => ("ttl" in answer ? (answer.ttl ?? 0) : 0)));
}
