import { expect, test } from "vitest";
import { isOutdated } from "./check-age.ts";

const checkedAt = new Date("2026-11-20T06:00:00Z");

test.each([
  ["2026-11-20T06:00:00Z", false],
  ["2026-11-21T08:00:00Z", false],
  ["2026-11-21T08:00:01Z", true],
  ["2026-12-20T06:00:00Z", true],
])("a check of 06:00 is looked at on %s: outdated is %s", (now, outdated) => {
  expect(isOutdated(checkedAt, new Date(now))).toBe(outdated);
});
