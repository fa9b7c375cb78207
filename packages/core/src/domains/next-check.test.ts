import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planNextCheck } from "./index.ts";

const now = new Date("2026-11-20T12:00:00Z");
const domainId = "019abcde-0000-7000-8000-0000ffffffff";
const settled = { domainId, unsettledSince: null, waitingSince: null };
const minutes = (count: number) => count * 60_000;
const ago = (minutesAgo: number) => new Date(now.getTime() - minutes(minutesAgo));

describe("the next check of a domain", () => {
  test.each([
    [0, 1],
    [1, 4],
    [5, 10],
    [15, 45],
    [60, 60],
    [23 * 60, 60],
  ])("that has not been right for %i minutes comes in %i", (notRightFor, inMinutes) => {
    const next = planNextCheck({ ...settled, unsettledSince: ago(notRightFor) }, now);
    expect(next.getTime() - now.getTime()).toBe(minutes(inMinutes));
  });

  test.each([
    [0, 1],
    [24 * 60, 30],
    [40 * 24 * 60, 6 * 60],
  ])("whose key has waited for %i minutes comes in %i", (waitedFor, inMinutes) => {
    const next = planNextCheck({ ...settled, waitingSince: ago(waitedFor) }, now);
    expect(next.getTime() - now.getTime()).toBe(minutes(inMinutes));
  });

  test("that has been wrong for long comes once a day", () => {
    expect(planNextCheck({ ...settled, unsettledSince: ago(24 * 60) }, now)).toEqual(
      planNextCheck(settled, now),
    );
  });

  test("always comes, an hour from now at the soonest when all is right, and within a day and that hour", () => {
    const uuid = fc.uuid({ version: 7 });
    fc.assert(
      fc.property(uuid, fc.date({ noInvalidDate: true, min: ago(1e6), max: now }), (id, at) => {
        const waitMs = planNextCheck({ ...settled, domainId: id }, at).getTime() - at.getTime();
        expect(waitMs).toBeGreaterThanOrEqual(minutes(60));
        expect(waitMs).toBeLessThanOrEqual(minutes(25 * 60));
      }),
    );
  });

  test("comes at the same time each day, and those of many domains are spread over it", () => {
    const hours = Array<number>(24).fill(0);
    for (let n = 0; n < 4800; n++) {
      const id = domainId.slice(0, -8) + ((n * 2_654_435_761) % 2 ** 32).toString(16).padStart(8, "0");
      const next = planNextCheck({ ...settled, domainId: id }, now);
      expect(planNextCheck({ ...settled, domainId: id }, next).getTime() - next.getTime()).toBe(
        minutes(24 * 60),
      );
      const hour = next.getUTCHours();
      hours[hour] = (hours[hour] ?? 0) + 1;
    }
    expect(Math.max(...hours)).toBeLessThan(240);
    expect(Math.min(...hours)).toBeGreaterThan(160);
  });
});
