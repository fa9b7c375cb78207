/** What a certificate is for: the host itself, or one mail domain on it. */
export type CertificateSubject =
  | { kind: "host"; hostname: string }
  | { kind: "domain"; domain: string; hostname: string; isWildcard: boolean };

/** First labels of the names under a mail domain that clients and other servers connect to over TLS. */
export const mailNameLabels = ["mail", "smtp", "imap", "mta-sts", "autoconfig", "autodiscover"] as const;

/** The names that may stand in a certificate, the most important first, whether or not they lead to this host. */
export function candidateNames(subject: CertificateSubject): string[] {
  if (subject.kind === "host") return [subject.hostname];
  if (subject.isWildcard) return [`*.${subject.domain}`];
  return mailNameLabels
    .map((label) => `${label}.${subject.domain}`)
    .filter((name) => name !== subject.hostname);
}

/**
 * The names that are asked for: those that really lead to this host, because the CA looks itself and counts each
 * refusal. A wildcard is asked for in any case: it is proven in the DNS, and no single name can lead anywhere for it.
 */
export function namesToAskFor(subject: CertificateSubject, leadsHere: (name: string) => boolean): string[] {
  return candidateNames(subject).filter((name) => name.startsWith("*.") || leadsHere(name));
}

/** Where the TXT record of a DNS-01 challenge stands, for a wildcard too (RFC 8555 §8.4). */
export function challengeRecordName(name: string): string {
  return `_acme-challenge.${name.replace(/^\*\./, "")}`;
}

/** True when a certificate for `granted` serves `name`; a wildcard stands for exactly one label (RFC 6125 §6.4.3). */
export function isServedBy(name: string, granted: readonly string[]): boolean {
  const parent = name.slice(name.indexOf("."));
  return granted.some((one) => one === name || (one.startsWith("*.") && one.slice(1) === parent));
}
