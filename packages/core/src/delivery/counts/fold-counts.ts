import type { DeliveryCount } from "./delivery-counts.ts";
import { mergeLatencies } from "./latency-sketch.ts";

/** Counts of a longer period than a minute. */
export interface PeriodCount extends Omit<DeliveryCount, "minute"> {
  /** Beginning of the period, in milliseconds since 1970. */
  readonly startsAt: number;
}

/** Sums counts that fall into the same period of `periodMs` (which begins at whole multiples, UTC) and are alike in all else. */
export function foldCounts(counts: readonly DeliveryCount[], periodMs: number): readonly PeriodCount[] {
  const folded = new Map<string, PeriodCount>();
  for (const { minute, ...count } of counts) {
    const startsAt = Math.floor(minute / periodMs) * periodMs;
    const { direction, domain, sendingAddress, provider, status, category } = count;
    const key = JSON.stringify([startsAt, direction, domain, sendingAddress, provider, status, category]);
    const sum = folded.get(key);
    folded.set(key, sum === undefined ? { startsAt, ...count } : { startsAt, ...add(sum, count) });
  }
  return [...folded.values()];
}

function add(
  one: Omit<DeliveryCount, "minute">,
  other: Omit<DeliveryCount, "minute">,
): Omit<DeliveryCount, "minute"> {
  return {
    ...other,
    attempts: one.attempts + other.attempts,
    firstAttempts: one.firstAttempts + other.firstAttempts,
    overTls: one.overTls + other.overTls,
    sizeBytes: one.sizeBytes + other.sizeBytes,
    latencies: mergeLatencies(one.latencies, other.latencies),
  };
}
