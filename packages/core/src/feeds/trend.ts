import type { FeedDay } from "./feed.ts";

/** How complaints of a week compare with those of the week before, as far as both were told. */
export interface ComplaintTrend {
  readonly direction: "up" | "down" | "level";
  /** Middle of what was told of the week before, from 0 to 1. */
  readonly before: number;
}

const weekDays = 7;
/** A share that moved by less than this is level: one complaint more of a thousand messages is no trend. */
const levelWithin = 0.0005;

/**
 * Compares the last seven days that were told with the seven before, by their middles. Null with fewer than three days in
 * either, which say nothing. Days are sorted, oldest first.
 */
export function complaintTrend(days: readonly Pick<FeedDay, "complaints">[]): ComplaintTrend | null {
  const told = days.flatMap(({ complaints }) =>
    complaints === null ? [] : [(complaints.lower + complaints.upper) / 2],
  );
  const now = told.slice(-weekDays);
  const earlier = told.slice(-2 * weekDays, -weekDays);
  if (now.length < weekDays || earlier.length < 3) return null;
  const before = middle(earlier);
  const change = middle(now) - before;
  const direction = Math.abs(change) < levelWithin ? "level" : change > 0 ? "up" : "down";
  return { direction, before };
}

function middle(shares: readonly number[]): number {
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}
