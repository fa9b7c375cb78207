import { expect, test } from "vitest";
import { RateLimit } from "./rate-limit.ts";

test("one name has so many attempts in a window, and says how long to wait after that", () => {
  const limit = new RateLimit({ attemptsMax: 2, windowMs: 1_000 });
  expect([limit.count("a", 100), limit.count("a", 200), limit.count("b", 200)]).toEqual([null, null, null]);
  expect(limit.count("a", 400)).toBe(700);
  expect(limit.count("a", 1_100)).toBeNull();
});
