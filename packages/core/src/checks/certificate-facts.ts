import type { CheckFinding } from "../dns/index.ts";
import { dayWords, momentMark } from "../text/index.ts";

/** A certificate as a stranger was shown it. */
export interface CertificateFacts {
  /** Its DNS names, wildcards included. */
  names: readonly string[];
  issuer: string;
  expiresAt: Date;
  /** Why this machine does not trust it, in OpenSSL's words; null when it does. */
  untrusted: string | null;
  /** Its key, like "rsa" of 2048 bits; null where the form is not known here. */
  key: { type: string; bits: number } | null;
  /** The algorithm that it was signed with, in OpenSSL's words; null where that could not be read. */
  signature: string | null;
  /** SHA-256, hex, of its key and of the whole: what TLSA records may hold. */
  digests: { ofKey: string; ofCertificate: string } | null;
}

export type CertificateFindingKind =
  | "certificate-name"
  | "certificate-untrusted"
  | "certificate-expiring"
  | "certificate-key"
  | "certificate-signature";
type Finding = CheckFinding<CertificateFindingKind>;

const dayMs = 86_400_000;
// Renewal begins a month before the end, so what is left of two weeks has failed for as long.
const warnMs = 14 * dayMs;
const alarmMs = 7 * dayMs;

interface CertificateShown {
  name: string;
  /** Where it was seen; the finding is about that. */
  shownAt: string;
  /** What sentences call that place, where they are to be the same for several. */
  place?: string;
  now: Date;
}

/** Judges a certificate for a name: it must name it, be trusted by strangers, and last. */
export function judgeCertificate(
  certificate: CertificateFacts,
  { name, shownAt, place = `on ${shownAt}`, now }: CertificateShown,
): Finding[] {
  const evidence = [
    `${shownAt}: ${certificate.names.join(", ") || "no names"}; issued by ${certificate.issuer || "nobody"}; until ${momentMark(certificate.expiresAt)}`,
  ];
  const about = shownAt;
  const found: Finding[] = [];
  if (!certificate.names.some((one) => isNamedBy(name, one)))
    found.push({
      kind: "certificate-name",
      about,
      severity: "error",
      sentence: `The certificate ${place} is not for ${name}.`,
      evidence,
      why: "Mail programs warn or refuse to connect, and senders that verify (MTA-STS) do not deliver.",
      fix: `Get a certificate that names ${name} for this server.`,
    });
  const leftMs = certificate.expiresAt.getTime() - now.getTime();
  if (leftMs < warnMs)
    found.push({
      kind: "certificate-expiring",
      about,
      severity: leftMs < alarmMs ? "error" : "warning",
      sentence:
        leftMs <= 0
          ? `The certificate ${place} has expired.`
          : `The certificate ${place} expires on ${dayWords(certificate.expiresAt)}.`,
      evidence,
      why: "From that day on mail programs refuse to connect, and senders that verify do not deliver.",
      fix: "Look on the server's page why the certificate was not renewed, and renew it.",
    });
  if (certificate.untrusted !== null && leftMs > 0)
    found.push({
      kind: "certificate-untrusted",
      about,
      severity: "warning",
      sentence: `Nobody outside trusts the certificate ${place}.`,
      evidence: [...evidence, `${shownAt}: ${certificate.untrusted}`],
      why: "Mail programs warn before they connect, and senders that verify (MTA-STS) do not deliver.",
      fix: "Get a certificate of a public authority, and serve it with its whole chain.",
    });
  return [...found, ...weaknesses(certificate, { shownAt, place, evidence })];
}

/** BSI TR-02102-2 and the authorities' own rules; elliptic curves need fewer bits than RSA. */
const keyBitsMin: Readonly<Record<string, number>> = { rsa: 2048, "rsa-pss": 2048, ec: 256 };

function weaknesses(
  { key, signature, untrusted }: CertificateFacts,
  { shownAt, place, evidence }: { shownAt: string; place: string; evidence: readonly string[] },
): Finding[] {
  const found: Finding[] = [];
  if (key !== null && key.bits < (keyBitsMin[key.type] ?? 0))
    found.push({
      kind: "certificate-key",
      about: shownAt,
      severity: "error",
      sentence: `The certificate ${place} has a key of ${key.bits} bits (${key.type}), which is too short.`,
      evidence: [...evidence, `${shownAt}: ${key.type}, ${key.bits} bits`],
      why: "Such keys can be broken, and mail programs of today refuse them.",
      fix: "Get a certificate with an RSA key of 2048 bits or an elliptic one of 256.",
    });
  // What nobody trusts is said above; its own signature proves nothing.
  if (signature !== null && untrusted === null && /md5|sha-?1(?!\d)/i.test(signature))
    found.push({
      kind: "certificate-signature",
      about: shownAt,
      severity: "error",
      sentence: `The certificate ${place} is signed with ${signature}, which can be forged.`,
      evidence: [...evidence, `${shownAt}: ${signature}`],
      why: "Mail programs and servers of today refuse such a certificate.",
      fix: "Get a new certificate; no authority signs with it any more.",
    });
  return found;
}

/** RFC 9525 §6.3: a wildcard stands for one whole label, the first. */
export function isNamedBy(name: string, certificateName: string): boolean {
  const [wanted, given] = [name.toLowerCase(), certificateName.toLowerCase()];
  if (!given.startsWith("*.")) return wanted === given;
  return wanted.split(".").slice(1).join(".") === given.slice(2);
}
