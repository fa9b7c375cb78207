import type { DelegationSignerRecord, SeenDelegation, ZoneNameServer } from "@mailstead/core/zones";
import { keyTagOf } from "./dnssec-keys.ts";
import { DnsQueryError, type DnsReply, queryNameServer } from "./query-name-server.ts";
import { errorOf, isSameName, valuesOf } from "./reply.ts";
import { type Authority, addressesOf, askFirst, askResolver, type Resolver } from "./resolver.ts";

/**
 * What the zone above shows of a zone (its name servers, glue and DS records, RFC 4035 §3.1.4.1), asked of that zone's
 * own servers past every cache, and whether the servers that ought to answer for the zone do. Throws DnsQueryError when
 * the resolver is silent.
 */
export async function inspectDelegation(
  zone: string,
  nameServers: readonly ZoneNameServer[],
  resolver: Resolver,
): Promise<SeenDelegation> {
  const own = nameServers.flatMap(({ name, addresses }) =>
    addresses.map((address): Authority => ({ name, address, port: resolver.authorityPort })),
  );
  const [above, servers] = await Promise.all([
    authoritiesAbove(zone, resolver),
    Promise.all(own.map((authority) => probe(authority, zone))),
  ]);
  const answering = own.filter((_, index) => servers[index]?.problem === null);
  const keys = await askFirst(answering, { name: zone, type: "DNSKEY" });
  const [referral, signers] = await Promise.all([
    askFirst(above, { name: zone, type: "NS" }),
    askFirst(above, { name: zone, type: "DS" }),
  ]);
  return {
    saidBy: referral?.authority.name ?? null,
    nameServers: referral === null ? null : namesIn(referral.reply, zone),
    glue: referral === null ? [] : glueIn(referral.reply),
    // Only the zone above has a say in this; a server of the zone itself would deny that there is any.
    signers: signers?.reply.flag_aa === true ? signersIn(signers.reply, zone) : null,
    servers,
    ...(keys === null ? {} : { keys: keysIn(keys.reply, zone) }),
  };
}

async function authoritiesAbove(zone: string, resolver: Resolver): Promise<Authority[]> {
  const labels = zone.split(".");
  for (let at = 1; at <= labels.length; at += 1) {
    const name = labels.slice(at).join(".");
    const reply = await askResolver(resolver, { name, type: "NS" });
    const nameServers = valuesOf(
      (reply?.answers ?? []).filter((answer) => isSameName(withoutDot(answer.name), name)),
      "NS",
    );
    if (nameServers.length > 0)
      return (await addressesOf({ name, nameServers, glue: [] }, resolver)).authorities;
  }
  return [];
}

function namesIn(reply: DnsReply, zone: string): string[] {
  const records = [...(reply.answers ?? []), ...(reply.authorities ?? [])];
  return valuesOf(
    records.filter((record) => isSameName(withoutDot(record.name), zone)),
    "NS",
  );
}

function glueIn(reply: DnsReply): SeenDelegation["glue"] {
  return (reply.additionals ?? []).flatMap((record) =>
    record.type === "A" || record.type === "AAAA"
      ? [{ name: withoutDot(record.name).toLowerCase(), address: record.data }]
      : [],
  );
}

function signersIn(reply: DnsReply, zone: string): DelegationSignerRecord[] {
  return (reply.answers ?? []).flatMap((answer): DelegationSignerRecord[] =>
    answer.type === "DS" && isSameName(withoutDot(answer.name), zone)
      ? [
          {
            keyTag: answer.data.keyTag,
            algorithm: answer.data.algorithm,
            digestType: answer.data.digestType,
            digest: answer.data.digest.toString("hex").toUpperCase(),
          },
        ]
      : [],
  );
}

// RFC 4034 §2.1.1: the bit of keys that the zone above may vouch for.
const secureEntryPoint = 1;

function keysIn(reply: DnsReply, zone: string): NonNullable<SeenDelegation["keys"]> {
  return (reply.answers ?? []).flatMap((answer) =>
    answer.type === "DNSKEY" &&
    isSameName(withoutDot(answer.name), zone) &&
    (answer.data.flags & secureEntryPoint) !== 0
      ? [{ keyTag: keyTagOf(answer.data), algorithm: answer.data.algorithm }]
      : [],
  );
}

async function probe(authority: Authority, zone: string): Promise<SeenDelegation["servers"][number]> {
  const who = { nameServer: authority.name, address: authority.address };
  try {
    const reply = await queryNameServer(authority, { name: zone, type: "SOA" });
    const error = errorOf(reply);
    const soa = reply.answers?.find((answer) => answer.type === "SOA");
    if (error === null && reply.flag_aa && soa?.type === "SOA")
      return { ...who, serial: soa.data.serial ?? null, problem: null };
    return {
      ...who,
      serial: null,
      problem: error === null ? "it does not answer for this zone" : `it answered ${error}`,
      hasNoCopy: true,
    };
  } catch (cause) {
    if (!(cause instanceof DnsQueryError)) throw cause;
    return { ...who, serial: null, problem: cause.message };
  }
}

function withoutDot(name: string): string {
  return name.endsWith(".") ? name.slice(0, -1) : name;
}
