const dayMs = 24 * 60 * 60_000;
/** A renewal that works is done long before; what is left then is for a person. */
const attentionDaysLeft = 14;
const troubleDaysLeft = 7;
/** A CA may be away for a while; nobody is called for the first tries. */
const failedAttemptsQuiet = 2;

export interface CertificateSigns {
  /** Null while none has been issued. */
  notBefore: Date | null;
  notAfter: Date | null;
  /** What went wrong at the last try, in plain words; null when nothing did. */
  problem: { kind: "temporary" | "permanent"; attempts: number } | null;
}

export type CertificateConcern =
  | { code: "expired"; level: "trouble"; daysLeft: number }
  | { code: "expires-soon"; level: "trouble" | "attention"; daysLeft: number }
  | { code: "order-failing"; level: "attention"; daysLeft: number | null };

/**
 * What needs somebody about a certificate: 14 days before it ends, louder at 7, and when orders keep failing. One that
 * lives so short that its renewal would not be due by then is measured by its life instead.
 */
export function concernOfCertificate(signs: CertificateSigns, now: Date): CertificateConcern | null {
  const { notBefore, notAfter, problem } = signs;
  if (notAfter !== null && notBefore !== null) {
    const leftMs = notAfter.getTime() - now.getTime();
    const daysLeft = Math.floor(leftMs / dayMs);
    if (leftMs <= 0) return { code: "expired", level: "trouble", daysLeft };
    // With a third of its life left it is renewed; a day later, or half of that third, it is late for any certificate.
    const lifeMs = notAfter.getTime() - notBefore.getTime();
    const lateMs = Math.max(lifeMs / 6, lifeMs / 3 - dayMs);
    if (leftMs <= Math.min(troubleDaysLeft * dayMs, lateMs / 2))
      return { code: "expires-soon", level: "trouble", daysLeft };
    if (leftMs <= Math.min(attentionDaysLeft * dayMs, lateMs))
      return { code: "expires-soon", level: "attention", daysLeft };
    if (isFailing(problem)) return { code: "order-failing", level: "attention", daysLeft };
    return null;
  }
  return isFailing(problem) ? { code: "order-failing", level: "attention", daysLeft: null } : null;
}

function isFailing(problem: CertificateSigns["problem"]): boolean {
  return problem !== null && (problem.kind === "permanent" || problem.attempts > failedAttemptsQuiet);
}
