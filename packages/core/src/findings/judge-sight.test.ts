import fc from "fast-check";
import { expect, test } from "vitest";
import type { HeldSight, SightBucket } from "./delivery-sight.ts";
import { judgeSight } from "./judge-sight.ts";

const minuteMs = 60_000;
const start = Date.parse("2026-11-20T06:00:00Z");
const bucket = (minute: number, values: Partial<SightBucket>): SightBucket => {
  const failed = values.failed ?? 0;
  const delivered = values.delivered ?? 0;
  return { at: start + minute * minuteMs, failed, refused: failed, delivered, attempts: failed + delivered };
};
type Category = Parameters<typeof judgeSight>[0];

/** Looks again every `everyMinutes`, as the worker does, and says in which minutes it opened and closed. */
function follow(category: Category, buckets: readonly SightBucket[], untilMinute: number, everyMinutes = 5) {
  let held: HeldSight | null = null;
  let closedAt: number | null = null;
  const told: string[] = [];
  for (let minute = 0; minute <= untilMinute; minute += everyMinutes) {
    const now = start + minute * minuteMs;
    const seen = buckets.filter(({ at }) => at <= now);
    const verdict = judgeSight(category, { buckets: seen, held, closedAt }, now);
    // Whoever looks twice at the same time, as two workers do, hears the same.
    expect(judgeSight(category, { buckets: seen, held, closedAt }, now)).toEqual(verdict);
    if (verdict.kind === "open") {
      if (held === null) told.push(`open ${minute}`);
      held = verdict.sight;
    } else if (held !== null) {
      told.push(`over ${minute}`);
      held = null;
      closedAt = now;
    }
  }
  return told;
}
const every = (minutes: readonly [number, number, number], values: Partial<SightBucket>) => {
  const [from, until, step] = minutes;
  return Array.from({ length: Math.floor((until - from) / step) + 1 }, (_, n) =>
    bucket(from + n * step, values),
  );
};

test.each<[string, Category, SightBucket[], string[]]>([
  [
    "a block that refuses everything is told at once",
    "ip-reputation",
    every([1, 61, 10], { failed: 5 }),
    ["open 5"],
  ],
  [
    "few refusals are told once they have lasted",
    "ip-reputation",
    every([0, 60, 10], { failed: 1 }),
    ["open 20"],
  ],
  ["two refusals say nothing", "ip-reputation", every([0, 30, 30], { failed: 1 }), []],
  [
    "some refusals of much mail are no finding",
    "content-spam",
    every([0, 180, 10], { failed: 1, delivered: 200 }),
    [],
  ],
  ["a full mailbox never is one", "mailbox-full", every([0, 180, 10], { failed: 9 }), []],
  [
    "a receiver that slows mail down is told once that has lasted, not at once",
    "rate-limit",
    every([0, 60, 10], { failed: 12, delivered: 10 }),
    ["open 20"],
  ],
  ["one that was away for ten minutes is not", "connection", every([0, 10, 5], { failed: 40 }), []],
  [
    "it is over once enough was delivered after it",
    "ip-reputation",
    [...every([0, 60, 10], { failed: 5 }), ...every([70, 200, 10], { delivered: 3 })],
    ["open 0", "over 80"],
  ],
  [
    "and not for a single delivery",
    "ip-reputation",
    [...every([0, 60, 10], { failed: 5 }), bucket(70, { delivered: 1 })],
    ["open 0"],
  ],
  [
    "what is still refused now and then among much that arrives is over too",
    "ip-reputation",
    [...every([0, 30, 10], { failed: 9 }), ...every([40, 400, 5], { failed: 1, delivered: 400 })],
    ["open 0", "over 65"],
  ],
])("%s", (_name, category, buckets, told) => {
  expect(follow(category, buckets, 400)).toEqual(told);
});

test("silence closes nothing for a week, and then it does", () => {
  const refused = every([0, 60, 10], { failed: 5 });
  expect(follow("ip-reputation", refused, 6 * 24 * 60, 60)).toEqual(["open 0"]);
  expect(follow("ip-reputation", refused, 8 * 24 * 60, 60)).toHaveLength(2);
});

test("whoever sends little is believed one delivery when a day has gone by", () => {
  const few = [...every([0, 60, 10], { failed: 5 }), bucket(300, { delivered: 1 })];
  expect(follow("ip-reputation", few, 23 * 60, 60)).toEqual(["open 0"]);
  expect(follow("ip-reputation", few, 26 * 60, 60)).toHaveLength(2);
});

const traffic = fc.array(
  fc.record({ failed: fc.integer({ min: 0, max: 8 }), delivered: fc.integer({ min: 0, max: 20 }) }),
  { minLength: 1, maxLength: 60 },
);
const asBuckets = (told: readonly { failed: number; delivered: number }[]) =>
  told.map((values, index) => bucket(index * 10, values));

test("whatever comes, what was closed opens again only by as many new refusals as the first time", () => {
  fc.assert(
    fc.property(traffic, (told) => {
      const buckets = asBuckets(told);
      const changes = follow("ip-reputation", buckets, 700).map((text) => {
        const [what = "", minute = "0"] = text.split(" ");
        return { what, at: start + Number(minute) * minuteMs };
      });
      for (const [index, { what, at }] of changes.entries()) {
        if (what !== "open") continue;
        const closedAt = changes[index - 1]?.at ?? Number.NEGATIVE_INFINITY;
        const between = buckets.filter((one) => one.at >= closedAt && one.at <= at);
        expect(between.reduce((sum, { failed }) => sum + failed, 0)).toBeGreaterThanOrEqual(3);
      }
    }),
  );
});

test("whatever came before, deliveries alone close it and healthy mail opens nothing", () => {
  fc.assert(
    fc.property(traffic, (told) => {
      const buckets = asBuckets(told);
      const last = told.length * 10;
      const after = [...buckets, ...every([last, last + 60, 10], { delivered: 5 })];
      expect(follow("ip-reputation", after, last + 60).length % 2).toBe(0);
      const healthy = buckets.map((one) => ({ ...one, failed: 0, refused: 0, attempts: one.delivered }));
      expect(follow("ip-reputation", healthy, last)).toEqual([]);
    }),
  );
});
