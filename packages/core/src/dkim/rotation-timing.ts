import { z } from "zod";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** How long a rotation takes over what only time can settle. Kept with each rotation, as it was when it began. */
export const rotationTimingSchema = z.object({
  /** How long the new keys are watched before the old ones begin to end. */
  watchMs: z.int().nonnegative(),
  /** How often each server signs a test message while it is watched. */
  testEveryMs: z.int().positive(),
  /** How long mail that an old key has signed may still be on its way: the longest life of a mail queue, with a reserve. */
  queueLifeMs: z.int().nonnegative(),
  /** How long the records of ended keys say that they are revoked before they go. */
  revokedForMs: z.int().nonnegative(),
  /** A negative answer is taken to be remembered at least so long, whatever the zone says of itself. */
  cacheWaitMinMs: z.int().nonnegative(),
});
export type RotationTiming = z.infer<typeof rotationTimingSchema>;

export const defaultRotationTiming: RotationTiming = {
  watchMs: dayMs,
  testEveryMs: hourMs,
  queueLifeMs: 7 * dayMs,
  revokedForMs: 30 * dayMs,
  cacheWaitMinMs: 5 * minuteMs,
};

// RFC 2308 §5: values of more than a day "have been found to be problematic", and resolvers cap them well below.
const absenceKeptMaxMs = dayMs;
// The longest that resolvers keep a record by their own settings (BIND's max-cache-ttl).
const recordKeptMaxMs = 7 * dayMs;

/**
 * How long to wait after all servers show a new record: as long as a resolver may remember that it did not exist
 * (RFC 2308 §5, never more than the SOA minimum), or what stood under its name before.
 */
export function cacheWaitMs(
  {
    soaMinimumsSeconds,
    formerTtlsSeconds,
  }: { soaMinimumsSeconds: readonly number[]; formerTtlsSeconds: readonly number[] },
  { cacheWaitMinMs }: Pick<RotationTiming, "cacheWaitMinMs">,
): number {
  const absenceMs = Math.max(0, ...soaMinimumsSeconds) * 1000;
  const recordMs = Math.max(0, ...formerTtlsSeconds) * 1000;
  return Math.max(cacheWaitMinMs, Math.min(absenceMs, absenceKeptMaxMs), Math.min(recordMs, recordKeptMaxMs));
}

const backoffFirstMs = 30_000;
const backoffMaxMs = hourMs;

/** How long to leave a provider alone after it has failed so many times in a row. */
export function publishBackoffMs(failures: number): number {
  return Math.min(backoffFirstMs * 2 ** Math.max(0, failures - 1), backoffMaxMs);
}

/** How soon to look again at what others do. */
export const lookAgainMs = {
  soon: 15_000,
  propagating: 30_000,
  propagatingLong: 5 * minuteMs,
  watching: 5 * minuteMs,
  retiring: hourMs,
  revoking: 6 * hourMs,
} as const;

/** Records that were published and are not seen everywhere after so long deserve a person's look. */
export const lateAfterMs = hourMs;
/** What a provider said it has done and nobody sees is asked of it again. */
export const publishAgainAfterMs = 15 * minuteMs;
/** A refusal stays until a person acts, which is seen by asking again. */
export const refusedPauseMs = hourMs;
/** A converge or a test that came to nothing is asked for again. */
export const askAgainAfterMs = 10 * minuteMs;

/** How long to wait after so many tries to publish first keys: what was taken or is pasted is only looked after. */
export function firstKeysPauseMs(
  kind: "published" | "by-hand" | "refused" | "failed",
  tries: number,
): number {
  if (kind === "failed") return publishBackoffMs(tries);
  if (kind === "refused") return refusedPauseMs;
  return Math.min(publishAgainAfterMs * 2 ** Math.max(0, tries - 1), refusedPauseMs);
}
