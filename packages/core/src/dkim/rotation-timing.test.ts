import { expect, test } from "vitest";
import { nextRotationAt } from "./rotation-schedule.ts";
import { cacheWaitMs, defaultRotationTiming, isPauseOver, publishBackoffMs } from "./rotation-timing.ts";

const dayMs = 86_400_000;
const since = new Date("2026-11-20T12:00:00Z");

test("the wait for caches is the longest that any name server told, within what resolvers do", () => {
  const wait = (soaMinimumsSeconds: number[], formerTtlsSeconds: number[] = []) =>
    cacheWaitMs({ soaMinimumsSeconds, formerTtlsSeconds }, defaultRotationTiming);
  expect(wait([3600, 900])).toBe(3_600_000);
  expect(wait([900], [7200])).toBe(7_200_000);
  expect(wait([])).toBe(defaultRotationTiming.cacheWaitMinMs);
  expect(wait([10 * 86_400])).toBe(dayMs);
});

test("a provider that goes on failing is asked ever more rarely, but hourly at least", () => {
  expect([1, 2, 3].map(publishBackoffMs)).toEqual([30_000, 60_000, 120_000]);
  expect(publishBackoffMs(50)).toBe(3_600_000);
});

test("each domain has a day of its own in the interval, and comes back to it exactly", () => {
  const ids = Array.from({ length: 200 }, (_, place) => `domain-${place}`);
  const first = ids.map((domainId) => nextRotationAt({ domainId, intervalDays: 90, since }) ?? since);
  const days = first.map((at) => Math.floor((at.getTime() - since.getTime()) / dayMs));
  expect(Math.min(...days)).toBeGreaterThanOrEqual(45);
  expect(Math.max(...days)).toBeLessThanOrEqual(135);
  expect(new Set(days).size).toBeGreaterThan(60);
  const again = nextRotationAt({ domainId: ids[0] ?? "", intervalDays: 90, since: first[0] ?? since });
  expect(again?.getTime()).toBe((first[0]?.getTime() ?? 0) + 90 * dayMs);
});

test("a schedule that is off has no next time", () => {
  expect(nextRotationAt({ domainId: "domain", intervalDays: null, since })).toBeNull();
});

test("a pause is over after its time, and at once when a clock that was set back since began it in the future", () => {
  const at = (ms: number) => isPauseOver(since, 10_000, new Date(since.getTime() + ms));
  expect([at(0), at(9_999), at(10_000)]).toEqual([false, false, true]);
  // Clocks of two workers may be so far apart.
  expect(at(-60_000)).toBe(false);
  expect(at(-60_001)).toBe(true);
});
