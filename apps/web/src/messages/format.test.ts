import { expect, test } from "vitest";
import { createFormats } from "./format.ts";

test.each([
  ["en-GB", "31 Oct"],
  ["en-US", "Oct 31"],
])(
  "a day that was counted by UTC is named by its own month in %s, wherever the month stands",
  (locale, day) => {
    const format = createFormats(locale);
    expect(format.utcDay("2026-10-31")).toBe(day);
    expect(format.utcMonth("2026-10-31")).toBe("Oct");
  },
);
