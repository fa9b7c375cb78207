import { randomBytes } from "node:crypto";
import type { NamedAddress, WildcardAnswer, ZoneFacts } from "@mailstead/core/dns";
import { askAuthorities } from "./ask-authorities.ts";
import type { FoundZone } from "./find-zone.ts";
import { inspectDnssec } from "./inspect-dnssec.ts";
import { type ProbedServer, probeNameServer } from "./probe-name-server.ts";
import { isSameName } from "./reply.ts";
import { type Authority, addressesOf, askFirst, type Resolver } from "./resolver.ts";

export interface InspectedZone {
  /** Every name server that the zone above or the zone itself names. */
  authorities: Authority[];
  facts: ZoneFacts;
}

/**
 * Asks every name server of a zone, over both families, over UDP and TCP, for the zone's version, its name servers
 * and its keys; those that only the zone names are asked as well. Throws DnsQueryError when the resolver is silent.
 */
export async function inspectZone(
  zone: FoundZone,
  { resolver, now }: { resolver: Resolver; now: Date },
): Promise<InspectedZone> {
  const named = await addressesOf(zone, resolver);
  const first = await probeAll(named.authorities, zone.name);
  const known = zone.nameServers;
  const further = [
    ...new Set(first.flatMap(({ server }) => ("nameServers" in server ? server.nameServers : []))),
  ].filter((name) => !known.some((one) => isSameName(one, name)));
  const others = await addressesOf({ ...zone, nameServers: further }, resolver);
  const probed = [...first, ...(await probeAll(others.authorities, zone.name))];
  // Whoever does not answer for the zone has no say in what stands in it.
  const answering = [...named.authorities, ...others.authorities].filter(({ address, name }) =>
    probed.some(
      ({ server }) =>
        server.kind === "authoritative" && server.address === address && server.nameServer === name,
    ),
  );
  const [ownAddresses, wildcards, dnssec] = await Promise.all([
    addressesInZone([...known, ...further], { zone: zone.name, answering }),
    wildcardsIn(zone.name, answering),
    inspectDnssec(zone, { probed, resolver, now }),
  ]);
  const silences = new Map(
    probed.flatMap(({ server }) => (server.kind === "silent" ? [[server.address, server.problem]] : [])),
  );
  return {
    authorities: [...named.authorities, ...others.authorities].map((one) => {
      const silence = silences.get(one.address);
      return silence === undefined ? one : { ...one, silence };
    }),
    facts: {
      zone: zone.name,
      delegation: zone.delegation,
      withoutAddress: [...named.withoutAddress, ...others.withoutAddress],
      aliases: [...named.aliases, ...others.aliases],
      ipv6: [...named.ipv6, ...others.ipv6],
      ownAddresses,
      servers: probed.map(({ server }) => server),
      wildcards,
      dnssec,
    },
  };
}

/** What each server says of the zone; those that this machine has no way to are left out where others were reached. */
async function probeAll(authorities: readonly Authority[], zone: string): Promise<ProbedServer[]> {
  const probed = await Promise.all(authorities.map((authority) => probeNameServer(authority, zone)));
  const reached = probed.filter(({ isWithoutRoute }) => !isWithoutRoute);
  return reached.length > 0 ? reached : probed;
}

/** The addresses that a zone gives for its own name servers, which the zone above must repeat. */
async function addressesInZone(
  nameServers: readonly string[],
  { zone, answering }: { zone: string; answering: readonly Authority[] },
): Promise<NamedAddress[]> {
  const within = nameServers.filter((name) => `.${name}`.toLowerCase().endsWith(`.${zone}`));
  const found = await Promise.all(
    within.flatMap((name) =>
      (["A", "AAAA"] as const).map(async (type) => {
        const heard = await askFirst(answering, { name, type });
        return (heard?.reply.answers ?? []).flatMap((answer): NamedAddress[] =>
          answer.type === "A" || answer.type === "AAAA" ? [{ nameServer: name, address: answer.data }] : [],
        );
      }),
    ),
  );
  return found.flat();
}

const wildcardTypes = ["TXT", "MX", "A"] as const;

/** Asks for a name that nobody can have published; whatever answers is a wildcard. */
async function wildcardsIn(zone: string, answering: readonly Authority[]): Promise<WildcardAnswer[]> {
  const one = answering.slice(0, 1);
  if (one.length === 0) return [];
  const name = `mailstead-${randomBytes(6).toString("hex")}.${zone}`;
  const found = await Promise.all(
    wildcardTypes.map(async (type): Promise<WildcardAnswer[]> => {
      const [answer] = await askAuthorities(one, { name, type });
      return answer?.kind === "answered" && answer.values.length > 0
        ? [{ name: `*.${zone}`, type, values: answer.values }]
        : [];
    }),
  );
  return found.flat();
}
