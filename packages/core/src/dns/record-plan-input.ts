import type { DestinationRelay, Relay } from "../servers/index.ts";
import type { DkimAlias } from "./delegated-dkim.ts";
import type { DmarcPolicy } from "./dmarc-record.ts";
import type { MtaStsMode } from "./mta-sts-policy.ts";
import type { PublishedDkimKey } from "./plan-dkim-record.ts";

/** All that is known of a domain and its servers. What is left out is not known or not wanted, and plans nothing. */
export interface RecordPlanInput {
  /** Domain in A-label form. */
  domain: string;
  /** Servers that receive or send the domain's mail, the preferred one first. */
  servers: readonly PlannedServer[];
  /** Public halves that the servers have reported; empty until the first converge has made them. */
  dkimKeys: readonly PublishedDkimKey[];
  /** DKIM names that the domain hands over for good. */
  dkimAliases?: readonly DkimAlias[];
  /** The domain neither sends nor receives, and says so; nothing else is planned for it then. */
  isWithoutMail?: boolean;
  /** Names below the domain that have an address and neither send nor receive, like www.example.com. */
  namesWithoutMail?: readonly string[];
  spf?: SpfWishes;
  dmarc?: DmarcWishes;
  /** Planned once a server serves the policy. */
  mtaSts?: { mode: MtaStsMode; maxAgeSeconds: number };
  /** Mail addresses or https: addresses that get the reports on TLS. */
  tlsReportsTo?: readonly string[];
  bimi?: BimiWishes;
  /** What a smarthost's service told somebody to publish. */
  smarthostRecords?: readonly SmarthostRecord[];
  /** Where reports arrive on a host of the domain's; they go there besides the addresses above. */
  reportMailbox?: ReportMailbox;
}

export interface ReportMailbox {
  /** An address of the host's own name, not of the domain's. */
  address: string;
  /** Whether reports on single messages go there too, which tell of people. */
  takesFailures: boolean;
}

/**
 * mx: receives the domain's mail and sends; the first one holds the mailboxes. backup-mx: takes mail while those do not
 * answer. outbound: only sends.
 */
export type ServerRole = "mx" | "backup-mx" | "outbound";

export interface PlannedServer {
  hostname: string;
  ipAddresses: readonly string[];
  relays?: readonly Pick<Relay, "sendersOf" | "smarthost">[];
  /** What leads to smarthosts by who receives, for all senders. */
  destinationRelays?: readonly Pick<DestinationRelay, "to" | "smarthost">[];
  /** "mx" when left out. */
  role?: ServerRole;
  /** False while the host does not know the domain yet, and would refuse its mail; left out, it does. */
  isReady?: boolean;
  /** What answers there over HTTPS; nobody is told to publish a name under which nothing does. */
  serves?: { web: boolean; calendars?: boolean };
  /** SHA-256 of the SubjectPublicKeyInfo of each key that it uses or is about to use, in hexadecimal digits. */
  tlsKeyDigests?: readonly string[];
  /** Whether the zone of its name is signed with DNSSEC, without which TLSA records count for nobody. */
  isZoneSigned?: boolean;
  sshHostKeys?: readonly SshHostKey[];
  /** Who may issue certificates for its name. */
  certificateAuthority?: CertificateAuthority;
}

/** A record of a service's own: its DKIM key or alias, or the name that bounces come to. */
export interface SmarthostRecord {
  /** Below the domain, without it, like "s1._domainkey". */
  name: string;
  type: "CNAME" | "MX" | "TXT";
  value: string;
}

export interface SshHostKey {
  algorithm: "rsa" | "ecdsa" | "ed25519";
  /** SHA-256 of the public key blob, in hexadecimal digits. */
  sha256: string;
}

export interface CertificateAuthority {
  /** As the authority wants it in a CAA record, like letsencrypt.org. */
  issuer: string;
  /** The only account there that may ask (RFC 8657 §3); any may when it is left out. */
  accountUrl?: string;
  /** ACME methods that it may use (RFC 8657 §4), like http-01. */
  validationMethods?: readonly string[];
  /** Where it reports requests that it refuses: a mailto: or https: address. */
  iodef?: string;
}

export interface SpfWishes {
  /** Domains whose senders may send as well, like _spf.google.com. */
  includes?: readonly string[];
  /** Addresses and networks that may send as well, like 192.0.2.0/24. */
  addresses?: readonly string[];
  /** What `flattenSpf` made of `spfToFlatten`, for those who asked for it. */
  flattened?: string;
  /** What there is to say of the flattening, in a sentence; the record is good to publish all the same. */
  flatteningNote?: string;
}

export type Alignment = "relaxed" | "strict";

export interface DmarcWishes {
  policy?: DmarcPolicy;
  subdomainPolicy?: DmarcPolicy;
  /** For names that do not exist; receivers that know only RFC 7489 take the subdomain policy for them. */
  nonexistentPolicy?: DmarcPolicy;
  /** "relaxed", as receivers take it without a word, lets subdomains prove the domain (RFC 9989 §4.4). */
  dkimAlignment?: Alignment;
  spfAlignment?: Alignment;
  /** Receivers apply the policy one step weaker. */
  isTesting?: boolean;
  /** Mail addresses for aggregate reports. */
  reportsTo?: readonly string[];
  /** Mail addresses for reports on single messages. */
  failureReportsTo?: readonly string[];
}

export interface BimiWishes {
  /** https: address of the logo, an SVG of the profile Tiny PS. */
  logoUrl: string;
  /** https: address of the certificate that proves the right to the logo. */
  certificateUrl?: string;
}
