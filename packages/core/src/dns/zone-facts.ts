import type { DnssecFacts } from "./judge-dnssec.ts";

/** What one address of a name server says when it is asked for the zone itself. */
export type ZoneServer = { nameServer: string; address: string } & (
  | AuthoritativeAnswer
  /** It answers, but not for this zone. */
  | { kind: "lame"; problem: string }
  | { kind: "silent"; problem: string }
);

interface AuthoritativeAnswer {
  kind: "authoritative";
  serial: number;
  nameServers: readonly string[];
  times: SoaTimes;
  /** Why the same question got no answer over TCP; null when it did. */
  tcpProblem: string | null;
}

/** The times of a zone's SOA record, in seconds (RFC 1035 §3.3.13); `negativeS` is how long "no such name" is kept. */
export interface SoaTimes {
  refreshS: number;
  retryS: number;
  expireS: number;
  negativeS: number;
}

export interface NamedAddress {
  nameServer: string;
  address: string;
}

export interface NameServerIpv6 {
  nameServer: string;
  /** Null when nobody could be asked. */
  hasIpv6: boolean | null;
}

/** What names that nobody published lead to. */
export interface WildcardAnswer {
  /** The wildcard that must stand in the zone, like "*.a.example". */
  name: string;
  type: string;
  values: readonly string[];
}

export interface ZoneFacts {
  zone: string;
  /** What the zone above names, and who said so; null when nobody there could be asked. */
  delegation: { nameServers: readonly string[]; saidBy: string; glue: readonly NamedAddress[] } | null;
  /** Names of name servers that no address could be found for. */
  withoutAddress: readonly string[];
  /** Names of name servers that are aliases, with the names that they stand for. */
  aliases: readonly { nameServer: string; target: string }[];
  /** Whether each name server has an IPv6 address at all, by whatever way this machine has to it. */
  ipv6: readonly NameServerIpv6[];
  /** What the zone itself says of its name servers that lie within it. */
  ownAddresses: readonly NamedAddress[];
  servers: readonly ZoneServer[];
  wildcards: readonly WildcardAnswer[];
  dnssec: DnssecFacts;
}
