import type { CheckFinding } from "../dns/index.ts";

/** A certificate as a stranger was shown it. */
export interface CertificateFacts {
  /** Its DNS names, wildcards included. */
  names: readonly string[];
  issuer: string;
  expiresAt: Date;
  /** Why this machine does not trust it, in OpenSSL's words; null when it does. */
  untrusted: string | null;
}

export type CertificateFindingKind = "certificate-name" | "certificate-untrusted" | "certificate-expiring";
type Finding = CheckFinding<CertificateFindingKind>;

const dayMs = 86_400_000;
// Renewal begins a month before the end, so what is left of two weeks has failed for as long.
const warnMs = 14 * dayMs;
const alarmMs = 7 * dayMs;

/** Judges a certificate for a name: it must name it, be trusted by strangers, and last. */
export function judgeCertificate(
  certificate: CertificateFacts,
  { name, shownAt, now }: { name: string; shownAt: string; now: Date },
): Finding[] {
  const evidence = [
    `${shownAt}: ${certificate.names.join(", ") || "no names"}; issued by ${certificate.issuer || "nobody"}; until ${certificate.expiresAt.toISOString()}`,
  ];
  const about = shownAt;
  const found: Finding[] = [];
  if (!certificate.names.some((one) => isNamedBy(name, one)))
    found.push({
      kind: "certificate-name",
      about,
      severity: "error",
      sentence: `The certificate on ${shownAt} is not for ${name}.`,
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
          ? `The certificate on ${shownAt} has expired.`
          : `The certificate on ${shownAt} expires on ${certificate.expiresAt.toISOString().slice(0, 10)}.`,
      evidence,
      why: "From that day on mail programs refuse to connect, and senders that verify do not deliver.",
      fix: "Look on the server's page why the certificate was not renewed, and renew it.",
    });
  if (certificate.untrusted !== null && leftMs > 0)
    found.push({
      kind: "certificate-untrusted",
      about,
      severity: "warning",
      sentence: `Nobody outside trusts the certificate on ${shownAt}.`,
      evidence: [...evidence, `${shownAt}: ${certificate.untrusted}`],
      why: "Mail programs warn before they connect, and senders that verify (MTA-STS) do not deliver.",
      fix: "Get a certificate of a public authority, and serve it with its whole chain.",
    });
  return found;
}

/** RFC 9525 §6.3: a wildcard stands for one whole label, the first. */
export function isNamedBy(name: string, certificateName: string): boolean {
  const [wanted, given] = [name.toLowerCase(), certificateName.toLowerCase()];
  if (!given.startsWith("*.")) return wanted === given;
  return wanted.split(".").slice(1).join(".") === given.slice(2);
}
