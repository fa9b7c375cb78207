import type { DkimPublicKey, Relay } from "../servers/index.ts";
import { dkimRecordName, dkimRecordValue, revokedDkimRecordValue } from "./dkim-record.ts";
import type { PlannedRecord } from "./planned-record.ts";
import { reverseName } from "./reverse-name.ts";

export interface RecordPlanInput {
  /** Domain in A-label form. */
  domain: string;
  /** Servers that receive and send the domain's mail, the preferred one first. */
  servers: readonly PlannedServer[];
  /** Public halves that the servers have reported; empty until the first converge has made them. */
  dkimKeys: readonly PublishedDkimKey[];
}

/**
 * A key with what its record is for now: left out, it signs or is the domain's first; coming and going are those of a
 * rotation, which mail does not need yet or only for a while; a revoked one is no key any more.
 */
export type PublishedDkimKey = DkimPublicKey & { standing?: "coming" | "going" | "revoked" };

export interface PlannedServer {
  hostname: string;
  ipAddresses: readonly string[];
  relays?: readonly Pick<Relay, "sendersOf" | "smarthost">[];
}

const mxPreferenceStep = 10;

/** Every record a domain needs so that its mail arrives and is believed, most important first. */
export function planRecords(input: RecordPlanInput): PlannedRecord[] {
  return [
    ...input.servers.map((server, index) => mxRecord(input.domain, server.hostname, index)),
    ...input.servers.flatMap((server) =>
      server.ipAddresses.map((address) => ({
        ...addressRecord(server.hostname, address),
        ...relayed(server, [input.domain, server.hostname]),
      })),
    ),
    ...input.servers.flatMap((server) =>
      server.ipAddresses.map((address) => reverseRecord(server.hostname, address)),
    ),
    spfRecord(input.domain),
    // Two SPF records under one name make both fail (RFC 7208 §4.5).
    ...input.servers.filter(({ hostname }) => hostname !== input.domain).map(hostSpfRecord),
    ...input.dkimKeys.filter((key) => key.domain === input.domain).map(planDkimRecord),
    dmarcRecord(input.domain),
  ];
}

function mxRecord(domain: string, hostname: string, index: number): PlannedRecord {
  return {
    purpose: "mx",
    name: domain,
    type: "MX",
    value: `${(index + 1) * mxPreferenceStep} ${hostname}`,
    level: "required",
    reason: `Tells the world that ${hostname} receives mail for ${domain}.`,
    withoutIt: "Nobody can send mail to this domain.",
    publishedAt: "domain-dns",
  };
}

function relayed({ relays = [] }: PlannedServer, domains: readonly string[]): { relayedFor?: string[] } {
  const relayedFor = domains.filter((domain) => {
    const rule =
      relays.find(({ sendersOf }) => sendersOf === domain) ??
      relays.find(({ sendersOf }) => sendersOf === "*");
    return rule !== undefined && rule.smarthost !== null;
  });
  return relayedFor.length === 0 ? {} : { relayedFor };
}

function addressRecord(hostname: string, address: string): PlannedRecord {
  return {
    purpose: "host-address",
    name: hostname,
    type: address.includes(":") ? "AAAA" : "A",
    value: address,
    level: "required",
    reason: `Leads from the name ${hostname} to the server.`,
    withoutIt: "Other mail servers and mail programs cannot find the server.",
    publishedAt: "host-dns",
  };
}

function reverseRecord(hostname: string, address: string): PlannedRecord {
  return {
    purpose: "reverse",
    name: reverseName(address),
    type: "PTR",
    value: hostname,
    level: "required",
    reason: `Leads from ${address} back to ${hostname}. You set it where you rent the server, often under "reverse DNS".`,
    withoutIt:
      "Gmail, Outlook and Yahoo refuse or delay mail from an address whose name does not lead back to it.",
    publishedAt: "address-provider",
  };
}

function spfRecord(domain: string): PlannedRecord {
  return {
    purpose: "spf",
    name: domain,
    type: "TXT",
    value: "v=spf1 mx -all",
    level: "required",
    reason: "Says that only this domain's own mail servers send its mail (SPF).",
    withoutIt:
      "Gmail and Yahoo refuse mail that neither SPF nor DKIM proves, and anyone can send in this domain's name.",
    publishedAt: "domain-dns",
  };
}

/**
 * Bounces have no sender, so receivers look at the name in HELO (RFC 7208 §2.4), and SRS puts forwarded mail under it.
 * The name gets no null MX: bounces to SRS addresses come back to it.
 */
function hostSpfRecord({ hostname }: { hostname: string }): PlannedRecord {
  return {
    purpose: "host-spf",
    name: hostname,
    type: "TXT",
    value: "v=spf1 a -all",
    level: "recommended",
    reason: `Says that ${hostname} may send in its own name, as it does with bounces and forwarded mail (SPF).`,
    withoutIt:
      "Gmail and others refuse bounces and mail that is forwarded to them, because nothing proves its sender.",
    publishedAt: "host-dns",
  };
}

/** The record of a key, or the one that revokes it. */
export function planDkimRecord(key: PublishedDkimKey): PlannedRecord {
  const isMainKey = key.algorithm === "rsa-2048";
  const record = {
    purpose: "dkim",
    name: dkimRecordName(key),
    type: "TXT",
    publishedAt: "domain-dns",
  } as const;
  if (key.standing === "revoked")
    return {
      ...record,
      value: revokedDkimRecordValue(key),
      level: "optional",
      reason: "Says that a former signature key has ended, so that nobody can sign with it.",
      withoutIt: "A signature of the former key would still be believed.",
    };
  if (key.standing === "going")
    return {
      ...record,
      value: dkimRecordValue(key),
      level: "recommended",
      reason: "Lets receivers verify mail that a former key signed and that is still on its way.",
      withoutIt: "Mail that is still on its way fails verification when it arrives.",
    };
  return {
    ...record,
    value: dkimRecordValue(key),
    level: key.standing === "coming" ? "optional" : isMainKey ? "required" : "recommended",
    reason: isMainKey
      ? "Lets receivers verify the signature on every message (DKIM, RSA key)."
      : "A second, modern signature key (DKIM, Ed25519) for receivers that understand it.",
    withoutIt: isMainKey
      ? "Signatures cannot be verified; large senders are refused and others land in spam."
      : "Receivers fall back to the RSA signature.",
  };
}

function dmarcRecord(domain: string): PlannedRecord {
  return {
    purpose: "dmarc",
    name: `_dmarc.${domain}`,
    type: "TXT",
    value: "v=DMARC1; p=quarantine",
    level: "recommended",
    reason: "Tells receivers to distrust mail that claims to be from this domain and is not (DMARC).",
    withoutIt:
      "Forged mail in this domain's name is delivered, and Gmail, Yahoo and Outlook refuse senders of many messages.",
    publishedAt: "domain-dns",
  };
}
