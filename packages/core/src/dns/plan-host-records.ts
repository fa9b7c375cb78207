import type { PlannedRecord } from "./planned-record.ts";
import type { CertificateAuthority, PlannedServer, SshHostKey } from "./record-plan-input.ts";
import { reverseName } from "./reverse-name.ts";

/** Leads from the host's name to each of its addresses, which a smarthost may send for instead. */
export function hostAddressRecords(server: PlannedServer, domain: string): PlannedRecord[] {
  const relayed = relayedFor(server, [domain, server.hostname]);
  return server.ipAddresses.map((address) => ({
    purpose: "host-address",
    name: server.hostname,
    type: address.includes(":") ? "AAAA" : "A",
    value: address,
    level: "required",
    reason: `Leads from the name ${server.hostname} to the server.`,
    withoutIt: "Other mail servers and mail programs cannot find the server.",
    publishedAt: "host-dns",
    ...(relayed.length === 0 ? {} : { relayedFor: relayed }),
  }));
}

function relayedFor({ relays = [] }: PlannedServer, domains: readonly string[]): string[] {
  return domains.filter((domain) => {
    const rule =
      relays.find(({ sendersOf }) => sendersOf === domain) ??
      relays.find(({ sendersOf }) => sendersOf === "*");
    return rule !== undefined && rule.smarthost !== null;
  });
}

/** Leads from each address back to the host's name. */
export function reverseRecords({ hostname, ipAddresses }: PlannedServer): PlannedRecord[] {
  return ipAddresses.map((address) => ({
    purpose: "reverse",
    name: reverseName(address),
    type: "PTR",
    value: hostname,
    level: "required",
    reason: `Leads from ${address} back to ${hostname}. You set it where you rent the server, often under "reverse DNS".`,
    withoutIt:
      "Gmail, Outlook and Yahoo refuse or delay mail from an address whose name does not lead back to it.",
    publishedAt: "address-provider",
  }));
}

/**
 * Bounces have no sender, so receivers look at the name in HELO (RFC 7208 §2.4), and SRS puts forwarded mail under it.
 * The name gets no null MX: bounces to SRS addresses come back to it.
 */
export function hostSpfRecord({ hostname }: PlannedServer): PlannedRecord {
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

/** One record a key, so that the old key and the next stand side by side while they change (RFC 7671 §8.1). */
export function tlsaRecords(server: PlannedServer): PlannedRecord[] {
  const digests = [...new Set((server.tlsKeyDigests ?? []).map((digest) => digest.toLowerCase()))];
  const smtp = server.role === "outbound" ? [] : digests.map((digest) => smtpTlsaRecord(server, digest));
  const web = server.serves?.web === true ? digests.map((digest) => webTlsaRecord(server, digest)) : [];
  return [...smtp, ...web];
}

/** DANE-EE, the key alone, SHA-256: the only form that outlives a renewal of the certificate (RFC 7671 §5.1). */
const tlsaParameters = "3 1 1";

function smtpTlsaRecord({ hostname, isZoneSigned = false }: PlannedServer, digest: string): PlannedRecord {
  return {
    purpose: "tlsa",
    name: `_25._tcp.${hostname}`,
    type: "TLSA",
    value: `${tlsaParameters} ${digest}`,
    level: isZoneSigned ? "recommended" : "optional",
    reason: isZoneSigned
      ? `Says which key ${hostname} proves itself with, so that other mail servers insist on encryption (DANE).`
      : `Says which key ${hostname} proves itself with (DANE). It counts once the zone is signed with DNSSEC.`,
    withoutIt: "Somebody on the way can talk other mail servers out of encryption.",
    publishedAt: "host-dns",
  };
}

function webTlsaRecord({ hostname }: PlannedServer, digest: string): PlannedRecord {
  return {
    purpose: "tlsa",
    name: `_443._tcp.${hostname}`,
    type: "TLSA",
    value: `${tlsaParameters} ${digest}`,
    level: "optional",
    reason: `Says which key ${hostname} proves itself with on the web; few programs look at it.`,
    withoutIt: "Nothing breaks: browsers go by the certificate alone.",
    publishedAt: "host-dns",
  };
}

// RFC 4255 §3.1.1, RFC 6594 §5, RFC 7479 §2.
const sshAlgorithmNumbers: Record<SshHostKey["algorithm"], number> = { rsa: 1, ecdsa: 3, ed25519: 4 };
const sshFingerprintSha256 = 2;

/** The host's SSH keys, for people who sign in there. */
export function sshfpRecords({ hostname, sshHostKeys = [] }: PlannedServer): PlannedRecord[] {
  return sshHostKeys.map(({ algorithm, sha256 }) => ({
    purpose: "sshfp",
    name: hostname,
    type: "SSHFP",
    value: `${sshAlgorithmNumbers[algorithm]} ${sshFingerprintSha256} ${sha256.toLowerCase()}`,
    level: "optional",
    reason: `Shows the host's SSH key (${algorithm}), so that ssh can check it in a signed zone.`,
    withoutIt: "Nothing happens to mail; ssh asks you to trust the key at the first sign-in.",
    publishedAt: "host-dns",
  }));
}

/** Who may issue certificates for the host. Never at the domain itself, whose web site may have another authority. */
export function caaRecords({ hostname, certificateAuthority }: PlannedServer): PlannedRecord[] {
  if (certificateAuthority === undefined) return [];
  const { issuer, iodef } = certificateAuthority;
  const base = { purpose: "caa", name: hostname, type: "CAA", level: "optional" } as const;
  const allow: PlannedRecord = {
    ...base,
    value: `0 issue "${issueValue(certificateAuthority)}"`,
    reason: `Lets ${issuer} alone issue certificates for ${hostname} (CAA).`,
    withoutIt: "Any certificate authority may issue one, and the host's own is renewed all the same.",
    publishedAt: "host-dns",
  };
  if (iodef === undefined) return [allow];
  const report: PlannedRecord = {
    ...base,
    value: `0 iodef "${iodef}"`,
    reason: `Tells certificate authorities where to report requests for ${hostname} that they refuse.`,
    withoutIt: "You do not hear of it when somebody else asks for a certificate in the host's name.",
    publishedAt: "host-dns",
  };
  return [allow, report];
}

function issueValue({ issuer, accountUrl, validationMethods = [] }: CertificateAuthority): string {
  return [
    issuer,
    ...(accountUrl === undefined ? [] : [`accounturi=${accountUrl}`]),
    ...(validationMethods.length === 0 ? [] : [`validationmethods=${validationMethods.join(",")}`]),
  ].join("; ");
}
