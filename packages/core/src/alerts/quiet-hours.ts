/** Part of each day in which nothing is told that can wait: minutes since midnight, in a time zone of the IANA database. */
export interface QuietHours {
  readonly fromMinute: number;
  /** The first minute that is not quiet any more; before `fromMinute` it is of the next day. */
  readonly untilMinute: number;
  readonly timeZone: string;
}

/** Whether a moment lies within the quiet hours, by the clocks on the wall there. Equal ends are no time at all. */
export function isQuiet({ fromMinute, untilMinute, timeZone }: QuietHours, now: Date): boolean {
  const minute = minuteOfDay(now, timeZone);
  return fromMinute <= untilMinute
    ? minute >= fromMinute && minute < untilMinute
    : minute >= fromMinute || minute < untilMinute;
}

/** Whether the IANA database, as it is here, knows a time zone. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function minuteOfDay(now: Date, timeZone: string): number {
  const parts = new Intl.DateTimeFormat("en", {
    timeZone,
    hour: "numeric",
    minute: "numeric",
    hourCycle: "h23",
  }).formatToParts(now);
  const of = (type: "hour" | "minute") => Number(parts.find((part) => part.type === type)?.value ?? 0);
  return of("hour") * 60 + of("minute");
}
