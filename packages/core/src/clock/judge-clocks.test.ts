import fc from "fast-check";
import { expect, test } from "vitest";
import { clockSkewMaxMs, isTimeSure, judgeClocks, type KeptTime, mustMoveWaits } from "./judge-clocks.ts";

const start = new Date("2026-11-20T12:00:00Z");
const after = (ms: number) => new Date(start.getTime() + ms);
const kept: KeptTime = { workerAt: start, databaseAt: start, skewMs: null };
const [secondMs, weekMs] = [1000, 7 * 86_400_000];

test("time that both clocks see pass in small steps was lived through", () => {
  const verdict = judgeClocks(kept, { workerAt: after(10 * secondMs), databaseAt: after(10 * secondMs) });
  expect(verdict).toEqual({ kind: "agree", unlivedMs: 0 });
  expect(mustMoveWaits(kept, verdict)).toBe(false);
});

test.each([
  ["the worker's clock is set forward", weekMs, 10 * secondMs],
  ["the worker's clock is set back", -weekMs, 10 * secondMs],
  ["the database's clock is set forward", 10 * secondMs, weekMs],
])("%s, and the clocks disagree", (_what, workerMs, databaseMs) => {
  const verdict = judgeClocks(kept, { workerAt: after(workerMs), databaseAt: after(databaseMs) });
  expect(verdict).toEqual({ kind: "disagree", skewMs: workerMs - databaseMs });
  expect(mustMoveWaits(kept, verdict)).toBe(false);
});

test("a clock that both share and that is set forward, or a long sleep, was not lived through", () => {
  const verdict = judgeClocks(kept, { workerAt: after(weekMs), databaseAt: after(weekMs) });
  expect(verdict).toEqual({ kind: "agree", unlivedMs: weekMs - 60 * secondMs });
  expect(mustMoveWaits(kept, verdict)).toBe(true);
});

test("a shared clock that is set back is told, so that nothing waits for a moment that never was", () => {
  const verdict = judgeClocks(kept, { workerAt: after(-weekMs), databaseAt: after(-weekMs) });
  expect(verdict).toEqual({ kind: "agree", unlivedMs: -weekMs });
  expect(mustMoveWaits(kept, verdict)).toBe(true);
});

test("moments that were written while the clocks disagreed are looked through once they agree again", () => {
  const skewed = { ...kept, skewMs: weekMs };
  const verdict = judgeClocks(skewed, { workerAt: after(5 * secondMs), databaseAt: after(5 * secondMs) });
  expect(mustMoveWaits(skewed, verdict)).toBe(true);
});

test.each([
  [null, weekMs, true],
  [kept, 30 * secondMs, true],
  [kept, weekMs, false],
  [kept, -weekMs, false],
  [{ ...kept, skewMs: weekMs }, 10 * secondMs, false],
])("the time is sure only next to a reading that agreed: %#", (known, laterMs, isSure) => {
  expect(isTimeSure(known, after(laterMs))).toBe(isSure);
});

test("however clocks are set, no more counts as lived through than the world lived, but for a bit at each turn", () => {
  const turns = fc.array(
    fc.record({
      realMs: fc.integer({ min: 1, max: 30 * secondMs }),
      setMs: fc.constantFrom(0, 0, 0, weekMs, -weekMs, 90 * secondMs),
    }),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(turns, (days) => {
      let [known, clock, livedMs, allowedMs] = [kept, start.getTime(), 0, 0];
      for (const { realMs, setMs } of days) {
        const before = clock;
        clock += realMs + setMs;
        const now = { workerAt: new Date(clock), databaseAt: new Date(clock) };
        const verdict = judgeClocks(known, now);
        if (verdict.kind === "disagree") throw new Error("one clock cannot disagree with itself");
        livedMs += clock - before - verdict.unlivedMs;
        allowedMs += setMs === 0 ? realMs : clockSkewMaxMs;
        known = { ...now, skewMs: null };
      }
      expect(livedMs).toBeLessThanOrEqual(allowedMs);
    }),
  );
});
