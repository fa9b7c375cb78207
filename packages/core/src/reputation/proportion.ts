/** Bounds within which the true share lies, with a certainty of 95 in 100. */
export interface ShareBounds {
  readonly count: number;
  readonly of: number;
  readonly lower: number;
  readonly upper: number;
}

// Standard normal quantile for 95 % on both sides.
const z = 1.959964;

/**
 * Bounds of a share of which `count` of `of` were seen (Wilson's score interval). Unlike the plain share it stays
 * honest for few: one of three is anything from 6 % to 79 %. Nothing seen is anything at all.
 */
export function shareBounds(count: number, of: number): ShareBounds {
  if (of <= 0) return { count, of, lower: 0, upper: 1 };
  const share = Math.min(Math.max(count / of, 0), 1);
  const weight = z ** 2 / of;
  const middle = (share + weight / 2) / (1 + weight);
  const half = (z / (1 + weight)) * Math.sqrt((share * (1 - share)) / of + weight / (4 * of));
  return { count, of, lower: count <= 0 ? 0 : middle - half, upper: count >= of ? 1 : middle + half };
}

/** Where a share lies against a limit, as far as the numbers allow to say. */
export function compareShare({ lower, upper }: ShareBounds, limit: number): "above" | "below" | "unsettled" {
  if (lower > limit) return "above";
  return upper < limit ? "below" : "unsettled";
}

/** What many senders of a fleet have in common, as if it had been seen of a new one already (a Beta distribution). */
export interface FleetPrior {
  readonly count: number;
  readonly of: number;
}

/** A share drawn towards the fleet's where little was seen: the mean of the prior and the sight together. */
export function shrunkShare({ count, of }: { count: number; of: number }, prior: FleetPrior): number {
  return of + prior.of <= 0 ? 0 : (count + prior.count) / (of + prior.of);
}

// No prior weighs more than this many deliveries, so that a sender's own record soon says more.
const priorWeightMax = 200;

/**
 * Fits the prior to the shares of a fleet's senders by their mean and spread (method of moments). Null with fewer than
 * three senders, which do not make a fleet.
 */
export function fitFleetPrior(senders: readonly { count: number; of: number }[]): FleetPrior | null {
  const seen = senders.filter(({ of }) => of > 0);
  if (seen.length < 3) return null;
  const shares = seen.map(({ count, of }) => count / of);
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  const variance = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / (shares.length - 1);
  const room = mean * (1 - mean);
  const weight = variance <= 0 || room <= 0 ? priorWeightMax : room / variance - 1;
  const of = Math.min(Math.max(weight, 1), priorWeightMax);
  return { count: mean * of, of };
}
