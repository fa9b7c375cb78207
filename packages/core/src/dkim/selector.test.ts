import { expect, test } from "vitest";
import { nextSelectors } from "./selector.ts";

const now = new Date("2026-11-23T20:00:00Z");

test("selectors carry the month and go on where they stopped", () => {
  expect(nextSelectors(now, new Set(), 2)).toEqual(["ms202611a", "ms202611b"]);
  expect(nextSelectors(now, new Set(["ms202611a", "ms202611c"]), 2)).toEqual(["ms202611b", "ms202611d"]);
});

test("after z comes aa", () => {
  const used = new Set(nextSelectors(now, new Set(), 26));
  expect(nextSelectors(now, used, 2)).toEqual(["ms202611aa", "ms202611ab"]);
});
