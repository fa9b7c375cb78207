import type { DnsLookup, NameServerIpv6 } from "@mailstead/core/dns";
import type { DnsMemory } from "./dns-memory.ts";
import {
  DnsQueryError,
  type DnsQuestion,
  type DnsReply,
  type NameServerAddress,
  queryNameServer,
} from "./query-name-server.ts";
import { errorOf, isSameName } from "./reply.ts";

/** The resolver that is asked for everything but the records themselves. */
export interface Resolver extends NameServerAddress {
  /** Where authoritative servers listen; another than 53 only in tests. */
  authorityPort: number;
  /** What the checks of one run share; left out, each check asks anew. */
  memory?: DnsMemory;
}

export interface Authority extends NameServerAddress {
  name: string;
  /** What it did when it said nothing a moment ago, so that nobody waits for it again in the same check. */
  silence?: string;
}

/** Asks for the name servers of a zone; the root is "". */
interface ZoneLookup {
  name: string;
  type: "NS";
}

interface NamedServers {
  name: string;
  nameServers: readonly string[];
  glue: readonly Authority[];
}

// A domain's own zone has two to six name servers. Those of a registry are many, are not ours to test, and their
// answers about a name that is not delegated are all alike.
const registryNamesMax = 2;
/** More than any zone needs: whoever names hundreds would have us look for all of them. */
const namesMax = 16;
const addressesMax = 16;

interface NamedAddresses {
  authorities: Authority[];
  withoutAddress: string[];
  /** Name servers whose names are aliases, with what they stand for. */
  aliases: { nameServer: string; target: string }[];
  ipv6: NameServerIpv6[];
}

/**
 * The addresses of a zone's name servers, from the resolver, else from the delegation's glue, and the names that have
 * none. Throws DnsQueryError when the resolver is silent.
 */
export async function addressesOf(zone: NamedServers, resolver: Resolver): Promise<NamedAddresses> {
  const isRegistry = !zone.name.includes(".");
  const names = zone.nameServers.slice(0, isRegistry ? registryNamesMax : namesMax);
  const found = await Promise.all(
    names.map(async (name) => {
      const known = await addressesOfName(name, resolver);
      const given = zone.glue.filter((one) => one.name.toLowerCase() === name.toLowerCase());
      const addresses = known.addresses.length > 0 ? known.addresses : given;
      const hasIpv6 =
        addresses.some(({ address }) => address.includes(":")) || (known.isIpv6Asked ? false : null);
      return { name, alias: known.alias, addresses, hasIpv6 };
    }),
  );
  return {
    authorities: found.flatMap(({ addresses }) => addresses).slice(0, addressesMax),
    withoutAddress: found.filter(({ addresses }) => addresses.length === 0).map(({ name }) => name),
    aliases: found.flatMap(({ name, alias }) =>
      alias === null ? [] : [{ nameServer: name, target: alias }],
    ),
    ipv6: found.map(({ name, hasIpv6 }) => ({ nameServer: name, hasIpv6 })),
  };
}

/**
 * Asks the resolver. Null when it cannot find the answer though it works: it waits for name servers of others, and
 * may need longer for them than anybody waits for it. Throws DnsQueryError when it answers nothing at all.
 */
export async function askResolver(
  resolver: Resolver,
  question: DnsLookup | ZoneLookup,
): Promise<DnsReply | null> {
  try {
    const reply = await queryNameServer(resolver, {
      name: question.name || ".",
      type: question.type,
      wantsRecursion: true,
    });
    return errorOf(reply) === null ? reply : null;
  } catch (cause) {
    if (!(cause instanceof DnsQueryError)) throw cause;
    // Every resolver knows the root's servers without asking anybody.
    await queryNameServer(resolver, { name: ".", type: "NS", wantsRecursion: true });
    return null;
  }
}

/** The first reply without an error that any of these servers gives, and who gave it; null when none does. */
export async function askFirst(
  authorities: readonly Authority[],
  question: DnsQuestion,
): Promise<{ authority: Authority; reply: DnsReply } | null> {
  for (const authority of authorities) {
    try {
      const reply = await queryNameServer(authority, question);
      if (errorOf(reply) === null) return { authority, reply };
    } catch (cause) {
      if (!(cause instanceof DnsQueryError)) throw cause;
    }
  }
  return null;
}

async function addressesOfName(
  name: string,
  resolver: Resolver,
): Promise<{ addresses: Authority[]; alias: string | null; isIpv6Asked: boolean }> {
  const [ipv4, ipv6] = await Promise.all([
    askResolver(resolver, { name, type: "A" }),
    askResolver(resolver, { name, type: "AAAA" }),
  ]);
  const answers = [ipv4, ipv6].flatMap((reply) => reply?.answers ?? []);
  const alias = answers.find((answer) => answer.type === "CNAME" && isSameName(answer.name, name));
  return {
    addresses: answers.flatMap((answer) =>
      answer.type === "A" || answer.type === "AAAA"
        ? [{ name, address: answer.data, port: resolver.authorityPort }]
        : [],
    ),
    alias: alias?.type === "CNAME" ? alias.data : null,
    isIpv6Asked: ipv6 !== null,
  };
}
