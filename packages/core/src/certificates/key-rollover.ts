/** A key as the DNS speaks of it: SHA-256 of its public half, hex (RFC 6698 §2.1, "3 1 1"). */
export type SpkiDigest = string;

export interface RolloverFacts {
  /** Of the key that is installed; null before the first certificate. */
  current: SpkiDigest | null;
  /** Of the key that is to follow; null while the host has not made it. */
  next: SpkiDigest | null;
  /**
   * Digests of the TLSA records at the names of the certificate, as every authoritative server shows them. Empty when
   * no name has any; null when they could not be asked.
   */
  published: readonly SpkiDigest[] | null;
  /** Since when all servers have shown the next key's record without a break; null when they do not. */
  nextSeenSince: Date | null;
  /** Time to live of the TLSA records, in milliseconds: how long a cache may still answer without the new one. */
  ttlMs: number;
}

export type RolloverPlan =
  | { kind: "wait-for-key" }
  /** Both records have to stand before anything is installed. */
  | { kind: "publish"; digests: readonly SpkiDigest[] }
  | { kind: "wait"; until: Date }
  | { kind: "ask-again" }
  /** A certificate for the next key may be ordered and installed. */
  | { kind: "install" };

/**
 * The next move of a key change. A sender with an old answer in its cache refuses a host whose key is not in it, so
 * the new record stands for a whole time to live before the key does (RFC 7671 §8.4). Without TLSA records there is
 * nothing to keep in step.
 */
export function planRollover(facts: RolloverFacts, now: Date): RolloverPlan {
  const { current, next, published, nextSeenSince, ttlMs } = facts;
  if (next === null) return { kind: "wait-for-key" };
  if (current === null || current === next) return { kind: "install" };
  if (published === null) return { kind: "ask-again" };
  if (published.length === 0) return { kind: "install" };
  if (!published.includes(next)) return { kind: "publish", digests: [current, next] };
  if (nextSeenSince === null) return { kind: "wait", until: new Date(now.getTime() + ttlMs) };
  const until = new Date(nextSeenSince.getTime() + ttlMs);
  return until > now ? { kind: "wait", until } : { kind: "install" };
}

/** The digests that TLSA records must show, by what is installed and what is to follow; the installed one first. */
export function wantedDigests({ current, next }: Pick<RolloverFacts, "current" | "next">): SpkiDigest[] {
  return [...new Set([current, next].filter((digest) => digest !== null))];
}
