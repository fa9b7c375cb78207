/** What two clocks said at one moment. */
export interface ClockReading {
  workerAt: Date;
  databaseAt: Date;
}

/** Their last reading that agreed, and how far the worker's is ahead if they have disagreed since. */
export interface KeptTime extends ClockReading {
  skewMs: number | null;
}

/**
 * agree: `unlivedMs` passed by the worker's clock without anybody having lived through them; below zero when it was set
 * back. disagree: the worker's clock is so much ahead of the database's.
 */
export type ClockVerdict = { kind: "agree"; unlivedMs: number } | { kind: "disagree"; skewMs: number };

/** How far two clocks that are kept in step may be apart, and by how much one may be set without being noticed. */
export const clockSkewMaxMs = 60_000;

// The time is read several times in so long; what goes beyond was slept through, or a clock was set.
const livedAtOnceMaxMs = 60_000;

// The longest that readings may be late on a busy machine before nobody trusts the clock.
const readingAgeMaxMs = 3 * 60_000;

/**
 * Says how much of the time since the last reading was lived through. A clock alone cannot tell a week of sleep from having
 * been set forward by a week, so both count as not lived through.
 */
export function judgeClocks(kept: KeptTime | null, now: ClockReading): ClockVerdict {
  const skewMs = now.workerAt.getTime() - now.databaseAt.getTime();
  if (Math.abs(skewMs) > clockSkewMaxMs) return { kind: "disagree", skewMs };
  if (kept === null) return { kind: "agree", unlivedMs: 0 };
  const passedMs = now.databaseAt.getTime() - kept.databaseAt.getTime();
  const livedMs = Math.min(Math.max(passedMs, 0), livedAtOnceMaxMs);
  return { kind: "agree", unlivedMs: now.workerAt.getTime() - kept.workerAt.getTime() - livedMs };
}

/** Whether what is waited for must be moved: more than the clocks may be apart was not lived through. */
export function mustMoveWaits(kept: KeptTime | null, verdict: ClockVerdict): boolean {
  if (verdict.kind === "disagree") return false;
  // While they disagreed, moments were written down by a clock that was wrong.
  return Math.abs(verdict.unlivedMs) > clockSkewMaxMs || (kept !== null && kept.skewMs !== null);
}

/**
 * Whether a wait may end now: the clocks agreed when they were read last, and that is not long ago by the clock of who asks.
 * Before anybody has kept the time, nothing is known against it.
 */
export function isTimeSure(kept: KeptTime | null, now: Date): boolean {
  if (kept === null) return true;
  return kept.skewMs === null && Math.abs(now.getTime() - kept.workerAt.getTime()) <= readingAgeMaxMs;
}
