import type { Answer } from "dns-packet";
import { type NameServerAddress, queryNameServer } from "./query-name-server.ts";

const dnsPort = 53;

export interface Authority extends NameServerAddress {
  name: string;
}

/**
 * The authoritative servers of the zone that a name lies in, found by asking the resolver for NS records from the name
 * upwards. Empty when the name lies in no zone that the resolver can find; throws DnsQueryError when the resolver is silent.
 */
export async function findAuthorities(name: string, resolver: NameServerAddress): Promise<Authority[]> {
  const labels = name.split(".");
  for (let at = 0; at < labels.length; at += 1) {
    const zone = labels.slice(at).join(".");
    const reply = await queryNameServer(resolver, { name: zone, type: "NS", wantsRecursion: true });
    const names =
      reply.answers?.filter((answer) => answer.type === "NS" && sameZone(answer, zone)).map(nsTarget) ?? [];
    if (names.length > 0) return (await Promise.all(names.map((ns) => addressesOf(ns, resolver)))).flat();
  }
  return [];
}

async function addressesOf(name: string, resolver: NameServerAddress): Promise<Authority[]> {
  const replies = await Promise.all(
    (["A", "AAAA"] as const).map((type) => queryNameServer(resolver, { name, type, wantsRecursion: true })),
  );
  return replies
    .flatMap((reply) => reply.answers ?? [])
    .flatMap((answer) =>
      answer.type === "A" || answer.type === "AAAA" ? [{ name, address: answer.data, port: dnsPort }] : [],
    );
}

function sameZone(answer: Answer, zone: string): boolean {
  return answer.name.toLowerCase() === zone.toLowerCase();
}

function nsTarget(answer: Answer): string {
  return answer.type === "NS" ? answer.data : "";
}
