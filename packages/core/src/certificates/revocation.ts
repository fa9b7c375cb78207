/** Why a certificate is revoked, with the number that it has in ACME (RFC 5280 §5.3.1, RFC 8555 §7.6). */
export const revocationReasons = {
  unspecified: 0,
  "key-compromise": 1,
  "affiliation-changed": 3,
  superseded: 4,
  "cessation-of-operation": 5,
} as const;

export type RevocationReason = keyof typeof revocationReasons;

export interface RevocationFacts {
  /** The host still shows it, or nobody knows yet that it does not. */
  isServed: boolean;
  /** A person wants it revoked even while it is served. */
  isAtOnce: boolean;
  notAfter: Date;
}

export type RevocationPlan =
  | { kind: "revoke" }
  /** Clients refuse what is revoked, so another certificate has to be served first. */
  | { kind: "wait" }
  /** Nobody trusts it any more, and a CA keeps no list of what has ended. */
  | { kind: "needless" };

/** What to do now with a certificate that a person wants revoked. */
export function planRevocation({ isServed, isAtOnce, notAfter }: RevocationFacts, now: Date): RevocationPlan {
  if (notAfter <= now) return { kind: "needless" };
  return isServed && !isAtOnce ? { kind: "wait" } : { kind: "revoke" };
}
