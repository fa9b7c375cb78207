import type { ZoneFacts } from "@mailstead/core/dns";
import { DnsQueryError, type DnsReply, type NameServerAddress } from "./query-name-server.ts";
import { errorOf, isSameName, valuesOf } from "./reply.ts";
import { type Authority, addressesOf, askFirst, askResolver, type Resolver } from "./resolver.ts";

export type { Authority } from "./resolver.ts";

export interface FoundZone {
  /** Without the final dot; the root is "". */
  name: string;
  nameServers: readonly string[];
  /** What the zone above says of it; null when nobody there could be asked or the same servers answer for both. */
  delegation: ZoneFacts["delegation"];
  /** Addresses that stand in the delegation, for names that the resolver cannot find. */
  glue: readonly Authority[];
  /** The servers of the zone above, which also say how the zone's keys are announced; empty when none was found. */
  above: readonly Authority[];
}

export interface ZoneSearch {
  resolver: Resolver;
  /** Zones whose delegation was asked for in this check. */
  confirmed: Map<string, Promise<FoundZone>>;
}

// Nobody delegates deeper in practice; a loop of delegations must end.
const descentsMax = 4;

/**
 * The zone that a name lies in: found through the resolver, then asked for at the servers of the zone above, because
 * a resolver keeps what it knew and shows neither a changed nor a broken delegation. Null when the resolver finds no
 * zone at all; throws DnsQueryError when it is silent or fails even for the root.
 */
export async function findZone(name: string, { resolver, confirmed }: ZoneSearch): Promise<FoundZone | null> {
  const known = await deepestZone(name, resolver);
  if (known === null) return null;
  const { zone, isBroken } = known;
  // Below a zone that the resolver can follow no further there may be one whose servers all fail.
  const below = isBroken ? await descend(zone, { name, resolver }) : zone;
  if (below !== zone) return below;
  const found = confirmed.get(zone.name) ?? confirm(zone, resolver);
  confirmed.set(zone.name, found);
  return found;
}

/** Puts the delegation at the servers of the zone above in place of what the resolver knows. */
async function confirm(zone: FoundZone, resolver: Resolver): Promise<FoundZone> {
  if (zone.name === "") return zone;
  const above = await deepestZone(parentOf(zone.name), resolver);
  if (above === null) return zone;
  const found = await descend(above.zone, { name: zone.name, resolver });
  if (isSameName(found.name, zone.name)) return found;
  return { ...zone, above: (await addressesOf(found, resolver)).authorities };
}

async function deepestZone(
  name: string,
  resolver: Resolver,
): Promise<{ zone: FoundZone; isBroken: boolean } | null> {
  const labels = name === "" ? [] : name.split(".");
  let isBroken = false;
  for (let at = 0; at <= labels.length; at += 1) {
    const zone = labels.slice(at).join(".");
    const reply = await askResolver(resolver, { name: zone, type: "NS" });
    // Every resolver that works knows the root, so the fault is its own and not the zone's.
    if (reply === null && zone === "")
      throw new DnsQueryError(`${resolver.address} fails for every name, even for the root`);
    if (reply === null) isBroken = true;
    const nameServers = namesIn(reply?.answers, zone);
    if (nameServers.length > 0)
      return { zone: { name: zone, nameServers, delegation: null, glue: [], above: [] }, isBroken };
  }
  return null;
}

/** Follows delegations downwards from a zone as far as they lead towards a name. */
async function descend(
  from: FoundZone,
  { name, resolver }: { name: string; resolver: Resolver },
): Promise<FoundZone> {
  let zone = from;
  for (let step = 0; step < descentsMax; step += 1) {
    if (isSameName(zone.name, name)) return zone;
    const { authorities } = await addressesOf(zone, resolver);
    const answer = await askFirst(authorities, { name: name || ".", type: "NS" });
    const next = answer === null ? null : delegationIn(answer.reply, { below: zone.name, name, resolver });
    if (answer === null || next === null) return zone;
    zone = {
      ...next,
      delegation: {
        nameServers: next.nameServers,
        saidBy: answer.authority.name,
        glue: next.glue.map(({ name: nameServer, address }) => ({ nameServer, address })),
      },
      above: authorities,
    };
  }
  return zone;
}

function delegationIn(
  reply: DnsReply,
  { below, name, resolver }: { below: string; name: string; resolver: Resolver },
): FoundZone | null {
  if (reply.flag_aa || errorOf(reply) !== null) return null;
  const owner = reply.authorities?.find(
    (record) => record.type === "NS" && isWithin(name, record.name) && isBelow(record.name, below),
  )?.name;
  if (owner === undefined) return null;
  const nameServers = namesIn(reply.authorities, owner);
  const glue = (reply.additionals ?? []).flatMap((record): (NameServerAddress & { name: string })[] =>
    (record.type === "A" || record.type === "AAAA") && nameServers.some((ns) => isSameName(ns, record.name))
      ? [{ name: record.name, address: record.data, port: resolver.authorityPort }]
      : [],
  );
  return { name: owner.toLowerCase(), nameServers, delegation: null, glue, above: [] };
}

function namesIn(records: DnsReply["answers"], owner: string): string[] {
  const own = (records ?? []).filter((record) => isSameName(withoutDot(record.name), owner));
  return valuesOf(own, "NS");
}

function parentOf(name: string): string {
  return name.split(".").slice(1).join(".");
}

function isWithin(name: string, zone: string): boolean {
  return `.${name}`.toLowerCase().endsWith(`.${withoutDot(zone)}`.toLowerCase());
}

function isBelow(name: string, zone: string): boolean {
  return !isSameName(withoutDot(name), zone) && (zone === "" || isWithin(name, zone));
}

function withoutDot(name: string): string {
  return name.endsWith(".") ? name.slice(0, -1) : name;
}
