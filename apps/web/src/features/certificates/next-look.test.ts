import { expect, test } from "vitest";
import { isToBeLookedAt } from "./next-look.ts";

const now = new Date("2026-11-29T12:00:00Z");

test.each([
  ["in an hour", "2026-11-29T13:00:00Z", true],
  ["that is due since yesterday", "2026-11-28T12:00:00Z", true],
  ["in a thousand years", "2999-01-01T00:00:00Z", false],
] as const)("a look %s is promised only when somebody will take it", (_when, nextAt, isPromised) => {
  expect(isToBeLookedAt(new Date(nextAt), now)).toBe(isPromised);
});
