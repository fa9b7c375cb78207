import { z } from "zod";

const minuteOfDaySchema = z.int().min(0).max(1439);
/** Monday is 1, as in ISO 8601. */
const weekdaySchema = z.int().min(1).max(7);

/** Parts of the week in which a customer's servers may be changed, by the clocks on the wall there. */
export const maintenanceWindowSchema = z.object({
  weekdays: z.array(weekdaySchema).min(1).max(7),
  fromMinute: minuteOfDaySchema,
  /** The first minute that lies outside; at or before `fromMinute` it is of the next day. */
  untilMinute: minuteOfDaySchema,
});
export type MaintenanceWindow = z.infer<typeof maintenanceWindowSchema>;

/** Days on which nothing is changed, both of them included, as they are counted where the customer is. */
export interface Freeze {
  readonly fromDay: string;
  readonly untilDay: string;
  readonly reason: string;
}

export type Opening = { kind: "open" } | { kind: "closed"; because: string };

const weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/**
 * Whether servers may be changed now: no freeze holds, and a window is open and stays so for long enough to end what is
 * begun. No windows at all are no limit.
 */
export function openingNow(
  { windows, freezes, timeZone }: MaintenanceTimes,
  { now, neededMs }: { now: Date; neededMs: number },
): Opening {
  const here = wallClock(now, timeZone);
  const freeze = freezes.find(({ fromDay, untilDay }) => fromDay <= here.day && here.day <= untilDay);
  if (freeze !== undefined)
    return { kind: "closed", because: `Nothing is changed until ${freeze.untilDay}: ${freeze.reason}` };
  if (windows.length === 0) return { kind: "open" };
  const later = wallClock(new Date(now.getTime() + neededMs), timeZone);
  // Across a change of the clocks a window may be an hour longer or shorter; both ends are looked at as they are there.
  const isOpen = windows.some((window) => isWithin(window, here) && isWithin(window, later));
  return isOpen ? { kind: "open" } : { kind: "closed", because: "Its maintenance window is closed." };
}

export interface MaintenanceTimes {
  readonly windows: readonly MaintenanceWindow[];
  readonly freezes: readonly Freeze[];
  /** A time zone of the IANA database. */
  readonly timeZone: string;
}

interface WallClock {
  readonly day: string;
  readonly weekday: number;
  readonly minute: number;
}

function isWithin({ weekdays: days, fromMinute, untilMinute }: MaintenanceWindow, at: WallClock): boolean {
  const isOn = (weekday: number) => days.includes(weekday);
  if (fromMinute < untilMinute) return isOn(at.weekday) && at.minute >= fromMinute && at.minute < untilMinute;
  const dayBefore = at.weekday === 1 ? 7 : at.weekday - 1;
  return (isOn(at.weekday) && at.minute >= fromMinute) || (isOn(dayBefore) && at.minute < untilMinute);
}

function wallClock(at: Date, timeZone: string): WallClock {
  const parts = new Map(
    new Intl.DateTimeFormat("en-GB", {
      timeZone,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      weekday: "short",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    })
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  const of = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? "";
  return {
    day: `${of("year")}-${of("month")}-${of("day")}`,
    weekday: weekdays.indexOf(of("weekday")) + 1,
    minute: Number(of("hour")) * 60 + Number(of("minute")),
  };
}
