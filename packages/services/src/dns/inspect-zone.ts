import type { ZoneFacts, ZoneServer } from "@mailstead/core/dns";
import type { FoundZone } from "./find-zone.ts";
import { DnsQueryError, queryNameServer } from "./query-name-server.ts";
import { errorOf, isSameName, valuesOf } from "./reply.ts";
import { type Authority, addressesOf, type Resolver } from "./resolver.ts";

export interface InspectedZone {
  /** Every name server that the zone above or the zone itself names. */
  authorities: Authority[];
  facts: ZoneFacts;
}

/**
 * Asks every name server of a zone, over both families, for the zone's version and for the name servers that it names
 * itself; those that only the zone names are asked as well. Throws DnsQueryError when the resolver is silent.
 */
export async function inspectZone(zone: FoundZone, resolver: Resolver): Promise<InspectedZone> {
  const named = await addressesOf(zone, resolver);
  const first = await probeAll(named.authorities, zone.name);
  const known = zone.nameServers;
  const further = [...new Set(first.flatMap((one) => ("nameServers" in one ? one.nameServers : [])))].filter(
    (name) => !known.some((one) => isSameName(one, name)),
  );
  const others = await addressesOf({ ...zone, nameServers: further }, resolver);
  return {
    authorities: [...named.authorities, ...others.authorities],
    facts: {
      zone: zone.name,
      delegation: zone.delegation,
      withoutAddress: [...named.withoutAddress, ...others.withoutAddress],
      servers: [...first, ...(await probeAll(others.authorities, zone.name))],
    },
  };
}

/** What each server says of the zone; those that this machine has no way to are left out where others were reached. */
async function probeAll(authorities: readonly Authority[], zone: string): Promise<ZoneServer[]> {
  const probed = await Promise.all(authorities.map((authority) => probe(authority, zone)));
  const reached = probed.filter(({ isWithoutRoute }) => !isWithoutRoute);
  return (reached.length > 0 ? reached : probed).map(({ server }) => server);
}

async function probe(
  authority: Authority,
  zone: string,
): Promise<{ server: ZoneServer; isWithoutRoute: boolean }> {
  const who = { nameServer: authority.name, address: authority.address };
  try {
    const reply = await queryNameServer(authority, { name: zone, type: "SOA" });
    const error = errorOf(reply);
    const soa = reply.answers?.find((answer) => answer.type === "SOA");
    if (error !== null || !reply.flag_aa || soa?.type !== "SOA") {
      const problem = error === null ? "it does not answer for this zone" : `it answered ${error}`;
      return { server: { ...who, kind: "lame", problem }, isWithoutRoute: false };
    }
    const own = await queryNameServer(authority, { name: zone, type: "NS" });
    const server: ZoneServer = {
      ...who,
      kind: "authoritative",
      serial: soa.data.serial ?? 0,
      nameServers: valuesOf(own.answers ?? [], "NS"),
    };
    return { server, isWithoutRoute: false };
  } catch (cause) {
    if (!(cause instanceof DnsQueryError)) throw cause;
    return {
      server: { ...who, kind: "silent", problem: cause.message },
      isWithoutRoute: cause.isWithoutRoute,
    };
  }
}
