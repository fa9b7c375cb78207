import type { SmarthostsInSpf } from "./smarthost-records.ts";

/** What a record is for; comparison understands each purpose, so that a stronger policy than ours is not called wrong. */
export type RecordPurpose =
  | "mx"
  | "backup-mx"
  | "spf"
  | "dkim"
  /** A DKIM name of the domain's that is an alias of one behind which keys take turns. */
  | "dkim-alias"
  | "dmarc"
  | "host-address"
  | "host-spf"
  | "reverse"
  | "tlsa"
  | "sshfp"
  | "caa"
  | "mta-sts"
  | "tls-rpt"
  /** By which a host agrees to take the DMARC reports of another domain. */
  | "report-consent"
  /** A name under which the host serves files over HTTPS: mta-sts, autoconfig, autodiscover. */
  | "web-name"
  | "srv"
  | "bimi"
  | "null-mx"
  | "no-mail-spf"
  | "no-mail-dmarc"
  | "acme-challenge"
  /** A token by which a provider knows that its feed may tell of the domain. */
  | "feed-proof"
  /** What a smarthost's service told somebody to publish. */
  | "smarthost";

export type RecordLevel = "required" | "recommended" | "optional";

export type RecordType = "A" | "AAAA" | "CAA" | "CNAME" | "MX" | "PTR" | "SRV" | "SSHFP" | "TLSA" | "TXT";

/** One DNS record that ought to exist, with the words to explain it to the person who publishes it. */
export interface PlannedRecord {
  purpose: RecordPurpose;
  /** Absolute name without the final dot. */
  name: string;
  type: RecordType;
  /**
   * The value as one text in zone file form, but names have no final dot (the root alone is "."), and a TXT value is
   * whole and unquoted; `zoneFileLine` writes both as a zone file wants them.
   */
  value: string;
  level: RecordLevel;
  /** Why the record is wanted, in a sentence. */
  reason: string;
  /** What happens to mail without it, in a sentence. */
  withoutIt: string;
  /**
   * Who publishes it: the domain's DNS, the DNS of the server's own name, the provider that rents out the address, or
   * the zone of the organisation's that delegated names lead to, where nobody has to paste anything.
   */
  publishedAt: "domain-dns" | "host-dns" | "address-provider" | "delegated-dns";
  /** Of an address: the domains whose mail does not leave from it, but through a smarthost. */
  relayedFor?: readonly string[];
  /** Of SPF: the services that the domain's mail may leave through. Left out where the names stand as addresses. */
  smarthosts?: SmarthostsInSpf;
  /** Of a name that leads to a host: the addresses of that host, to which it may as well lead without the alias. */
  leadsTo?: readonly string[];
  /** What is known to be wrong with it before anybody publishes it, in a sentence. */
  caution?: string;
}
