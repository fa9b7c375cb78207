import { expect, test } from "vitest";
import { weekdayNames, windowText } from "./window-text.ts";

test.each([
  [[1, 2, 3, 4, 5], 1320, 120, "Mon–Fri 22:00–02:00"],
  [[7], 180, 300, "Sun 03:00–05:00"],
  [[6, 3, 2], 0, 0, "Tue–Wed, Sat 00:00–00:00"],
])("a window on %j from %i until %i is written as %s", (weekdays, fromMinute, untilMinute, text) => {
  expect(windowText({ weekdays, fromMinute, untilMinute }, "en")).toBe(text);
});

test("the week begins on Monday", () => {
  expect(weekdayNames("en", "long")[0]).toBe("Monday");
});
