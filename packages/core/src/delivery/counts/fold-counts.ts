import type { DeliveryCount } from "./delivery-counts.ts";
import { mergeLatencies } from "./latency-sketch.ts";

/** Counts of any period. */
export interface PeriodCount extends Omit<DeliveryCount, "minute"> {
  /** Beginning of the period, in milliseconds since 1970. */
  readonly startsAt: number;
}

/**
 * Sums counts that fall into the same period of `periodMs` (which begins at whole multiples, UTC) and are alike in all else.
 * Sums of a shorter period that parts the longer one give the same as what they were summed from.
 */
export function foldCounts(counts: readonly PeriodCount[], periodMs: number): readonly PeriodCount[] {
  const folded = new Map<string, PeriodCount>();
  for (const count of counts) {
    const startsAt = Math.floor(count.startsAt / periodMs) * periodMs;
    const { direction, domain, sendingAddress, provider, status, category } = count;
    // Only the domain, which an agent tells as it likes, may hold a space.
    const key = `${startsAt} ${direction} ${sendingAddress} ${provider} ${status} ${category} ${domain}`;
    const sum = folded.get(key);
    folded.set(key, { ...(sum === undefined ? count : add(sum, count)), startsAt });
  }
  return [...folded.values()];
}

function add(one: PeriodCount, other: PeriodCount): PeriodCount {
  return {
    ...other,
    attempts: one.attempts + other.attempts,
    firstAttempts: one.firstAttempts + other.firstAttempts,
    overTls: one.overTls + other.overTls,
    sizeBytes: one.sizeBytes + other.sizeBytes,
    latencies: mergeLatencies(one.latencies, other.latencies),
  };
}
