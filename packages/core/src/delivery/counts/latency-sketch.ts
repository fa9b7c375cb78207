/**
 * Counts of durations in buckets that grow by a fixed ratio, as a sparse map from bucket to count. Two sketches are
 * merged by adding them up, in any order and over any period, and lose nothing by it.
 */
export type LatencySketch = Readonly<Record<string, number>>;

// Ten in a hundred between bounds: a quantile is told within five of a hundred of its value.
const ratio = 1.1;
const logRatio = Math.log(ratio);
// Postfix tells hundredths of a second; nothing below is told apart.
const smallestS = 0.01;
/** Bucket of a month, longer than any message waits. */
export const latencyBucketMax = Math.ceil(Math.log((31 * 24 * 3600) / smallestS) / logRatio);

/** The bucket of a duration in seconds, whose upper bound is not below it. */
export function latencyBucket(seconds: number): number {
  if (!(seconds > smallestS)) return 0;
  return Math.min(Math.ceil(Math.log(seconds / smallestS) / logRatio - 1e-9), latencyBucketMax);
}

/** A sketch with one duration more. */
export function addLatency(sketch: LatencySketch, seconds: number): LatencySketch {
  const bucket = String(latencyBucket(seconds));
  return { ...sketch, [bucket]: (sketch[bucket] ?? 0) + 1 };
}

/** Both together. */
export function mergeLatencies(one: LatencySketch, other: LatencySketch): LatencySketch {
  const merged: Record<string, number> = { ...one };
  for (const [bucket, count] of Object.entries(other)) merged[bucket] = (merged[bucket] ?? 0) + count;
  return merged;
}

/** The duration in seconds that `share` of all do not exceed (0.5 is the median); null for an empty sketch. */
export function latencyQuantile(sketch: LatencySketch, share: number): number | null {
  const buckets = Object.entries(sketch)
    .map(([bucket, count]) => [Number(bucket), count] as const)
    .sort(([a], [b]) => a - b);
  const total = buckets.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return null;
  let left = Math.max(1, Math.ceil(total * share));
  for (const [bucket, count] of buckets) {
    left -= count;
    if (left <= 0) return middleOf(bucket);
  }
  return null;
}

/** The value that is wrong by the same ratio at both ends of the bucket. */
function middleOf(bucket: number): number {
  return bucket === 0 ? smallestS : smallestS * ratio ** (bucket - 0.5);
}
