import { dayMs, hourMs, keptForMs, minuteMs } from "./periods.ts";

/** So long is told by the minute; minutes of more would be too many. */
const byMinuteMaxMs = 6 * hourMs;
/** So long is told by the hour; of more a large server has more hours than a page can wait for. */
const byHourMaxMs = 2 * dayMs;
/** Replies that tell of trouble are few, and hours of them are read of so long. */
const troublesByHourMaxMs = 32 * dayMs;

interface Time {
  readonly from: Date;
  readonly until: Date;
}

/** Length of the periods that counts of a time are read by: the shortest that is still kept and not too many. */
export function periodFor({ from, until }: Time, now: Date): number {
  return shortestOf(until.getTime() - from.getTime(), { from, now, byHourMaxMs });
}

/** The same for replies that tell of trouble, whose hour matters and which are few. */
export function troublePeriodFor({ from, until }: Time, now: Date): number {
  return shortestOf(until.getTime() - from.getTime(), { from, now, byHourMaxMs: troublesByHourMaxMs });
}

function shortestOf(
  lengthMs: number,
  { from, now, byHourMaxMs: hourly }: { from: Date; now: Date; byHourMaxMs: number },
): number {
  const ageMs = now.getTime() - from.getTime();
  if (lengthMs <= byMinuteMaxMs && ageMs <= keptForMs.minutes) return minuteMs;
  return lengthMs <= hourly && ageMs <= keptForMs.hours ? hourMs : dayMs;
}
