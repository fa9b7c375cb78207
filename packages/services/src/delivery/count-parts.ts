import { dayMs, hourMs, keptForMs, minuteMs } from "./periods.ts";

/** A stretch of time that is read from the sums of one length. */
export interface CountPart {
  readonly periodMs: number;
  readonly from: Date;
  readonly until: Date;
}

/** So long is told by the minute; minutes of more would be too many. */
const byMinuteMaxMs = 6 * hourMs;
/** What a receiver said lately weighs by the hour, so the last days are told so. */
const lastDaysMs = dayMs;
/** Of so long at most all hours are few enough. */
const byHourMaxMs = 2 * dayMs;

/**
 * Which sums tell a time: minutes of some hours, hours of a day, and of more whole days, with hours where it begins within
 * a day and for yesterday and today. What is not kept any more is told by what is longer.
 */
export function countParts({ from, until }: { from: Date; until: Date }, now: Date): readonly CountPart[] {
  const [first, end] = [from.getTime(), until.getTime()];
  const age = now.getTime() - first;
  if (end - first <= byMinuteMaxMs && age <= keptForMs.minutes) return [{ periodMs: minuteMs, from, until }];
  const hasHours = age <= keptForMs.hours;
  if (hasHours && end - first <= byHourMaxMs) return [{ periodMs: hourMs, from, until }];
  const startOfDay = (at: number) => Math.floor(at / dayMs) * dayMs;
  const daysFrom = hasHours ? startOfDay(first + dayMs - 1) : startOfDay(first);
  const lastFrom = Math.max(startOfDay(now.getTime() - lastDaysMs), daysFrom);
  const stretches = [
    { periodMs: hourMs, from: first, until: Math.min(daysFrom, end) },
    { periodMs: dayMs, from: daysFrom, until: Math.min(lastFrom, end) },
    { periodMs: hourMs, from: lastFrom, until: end },
  ];
  return stretches
    .filter((stretch) => stretch.from < stretch.until)
    .map((stretch) => ({ ...stretch, from: new Date(stretch.from), until: new Date(stretch.until) }));
}
