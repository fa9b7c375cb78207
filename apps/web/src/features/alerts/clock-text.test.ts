import { expect, test } from "vitest";
import { clockText, minuteOf } from "./clock-text.ts";

test("every minute of a day is written and read back", () => {
  for (let minute = 0; minute < 1440; minute += 1) expect(minuteOf(clockText(minute))).toBe(minute);
});

test("what is no time of day is none", () => {
  for (const text of ["", "24:00", "12:60", "7:00", "soon"]) expect(minuteOf(text)).toBeNull();
});
