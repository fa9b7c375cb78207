import type { RouterOutputs } from "../../client/router-types.ts";
import { clockText } from "../alerts/clock-text.ts";

export type Customer = RouterOutputs["maintenance"]["customers"][number];
export type MaintenanceWindow = Customer["windows"][number];

/** Monday first; 4 January 2021 was one. */
export function weekdayNames(locale: string, length: "short" | "long"): readonly string[] {
  const format = new Intl.DateTimeFormat(locale, { weekday: length, timeZone: "UTC" });
  return Array.from({ length: 7 }, (_, day) => format.format(new Date(Date.UTC(2021, 0, 4 + day))));
}

/** A window in a few signs: `Mon–Fri 22:00–02:00`; days that follow each other are written as a span. */
export function windowText({ weekdays, fromMinute, untilMinute }: MaintenanceWindow, locale: string): string {
  const names = weekdayNames(locale, "short");
  const days = weekdays.toSorted((a, b) => a - b);
  const spans: [number, number][] = [];
  for (const day of days) {
    const last = spans.at(-1);
    if (last !== undefined && last[1] === day - 1) last[1] = day;
    else spans.push([day, day]);
  }
  const said = spans.map(([from, until]) =>
    from === until ? names[from - 1] : `${names[from - 1]}–${names[until - 1]}`,
  );
  return `${said.join(", ")} ${clockText(fromMinute)}–${clockText(untilMinute)}`;
}
