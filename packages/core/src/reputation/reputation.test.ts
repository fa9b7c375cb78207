import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  compareShare,
  fitFleetPrior,
  judgeReputation,
  nothingFromOutside,
  outsideFigures,
  type SenderFigures,
  shareBounds,
  shrunkShare,
} from "./index.ts";

const now = Date.parse("2026-11-20T12:00:00Z");
const figures = (values: Partial<SenderFigures>): SenderFigures => ({
  messages: 1000,
  delivered: 1000,
  replies: {},
  complaints: [],
  dmarc: null,
  listings: [],
  words: [],
  ...values,
});

describe("a share", () => {
  test("of few is told with wide bounds, so that one of three alarms nobody", () => {
    expect(compareShare(shareBounds(1, 3), 0.1)).toBe("unsettled");
    expect(compareShare(shareBounds(100, 300), 0.1)).toBe("above");
  });
  test("of no complaint in a thousand is not yet under one in a thousand", () => {
    expect(compareShare(shareBounds(0, 1000), 0.001)).toBe("unsettled");
    expect(compareShare(shareBounds(0, 4000), 0.001)).toBe("below");
  });
  test("lies within its bounds, and its bounds within nought and one", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (of, part) => {
          const count = Math.floor(of * part);
          const { lower, upper } = shareBounds(count, of);
          expect(lower).toBeGreaterThanOrEqual(0);
          expect(upper).toBeLessThanOrEqual(1);
          expect(lower).toBeLessThanOrEqual(count / of + 1e-12);
          expect(upper).toBeGreaterThanOrEqual(count / of - 1e-12);
        },
      ),
    );
  });
});

describe("a fleet's prior", () => {
  test("draws a sender of whom little is known to what is usual, and leaves a large one alone", () => {
    const prior = fitFleetPrior([
      { count: 1, of: 100 },
      { count: 2, of: 100 },
      { count: 3, of: 100 },
    ]);
    if (prior === null) throw new Error("three senders make a fleet");
    expect(shrunkShare({ count: 1, of: 3 }, prior)).toBeLessThan(0.05);
    expect(shrunkShare({ count: 30_000, of: 100_000 }, prior)).toBeGreaterThan(0.29);
  });
  test("is none with fewer than three senders", () => {
    expect(fitFleetPrior([{ count: 1, of: 10 }])).toBeNull();
  });
});

describe("a sender's reputation", () => {
  test("is unknown while little was sent", () => {
    expect(judgeReputation(figures({ messages: 40, delivered: 40 }), now)).toEqual({
      reputation: "UNKNOWN",
      evidence: [],
      messages: 40,
      missing: 60,
    });
  });
  test("is high when much was taken and nothing speaks against it", () => {
    expect(judgeReputation(figures({}), now).reputation).toBe("HIGH");
  });
  test("is bad for a day after a block, and says when that was", () => {
    const blocked = (hoursAgo: number) => {
      const lastPermanentAt = now - hoursAgo * 3_600_000;
      return judgeReputation(
        figures({ replies: { "ip-reputation": { temporary: 0, permanent: 3, lastPermanentAt } } }),
        now,
      );
    };
    expect(blocked(2)).toMatchObject({
      reputation: "BAD",
      evidence: [{ code: "blocked", at: now - 7_200_000 }],
    });
    expect(blocked(30).reputation).toBe("HIGH");
  });
  test("is bad on a list that receivers refuse by, whatever else is well", () => {
    const listings = [{ zone: "zen.spamhaus.org", sinceAt: now - 1000, isCritical: true }];
    expect(judgeReputation(figures({ messages: 5, delivered: 5, listings }), now).reputation).toBe("BAD");
  });
  test("falls with complaints only as far as the numbers carry", () => {
    const complained = (count: number, delivered: number) =>
      judgeReputation(figures({ complaints: [{ source: "feedback-loop", count, delivered }] }), now)
        .reputation;
    expect(complained(1, 300)).toBe("HIGH");
    expect(complained(20, 10_000)).toBe("MEDIUM");
    expect(complained(60, 10_000)).toBe("LOW");
  });
  test("says that complaints are too few to settle anything, and settles nothing by them", () => {
    const complaints = [{ source: "feedback-loop" as const, count: 1, delivered: 300 }];
    expect(judgeReputation(figures({ complaints }), now).evidence.map(({ code }) => code)).toEqual([
      "accepted",
      "complaints-few",
    ]);
    expect(judgeReputation(figures({ messages: 20, delivered: 20, complaints }), now)).toMatchObject({
      reputation: "UNKNOWN",
      missing: 80,
      evidence: [{ code: "complaints-few", holds: "UNKNOWN" }],
    });
  });
  test("takes a share as a provider tells it, each day by what was delivered, and a colour by its newest", () => {
    const day = (ago: number, delivered: number, share: number) => ({
      source: "snds" as const,
      day: now - ago * 86_400_000,
      count: 0,
      delivered,
      told: { lower: share, upper: share },
    });
    const word = (says: "filter-red" | "filter-yellow", ago: number, untilAgo: number | null) => ({
      says,
      about: null,
      at: now - ago * 86_400_000,
      untilAt: untilAgo === null ? null : now - untilAgo * 86_400_000,
    });
    const outside = outsideFigures(
      {
        ...nothingFromOutside,
        complaints: [day(1, 900, 0.001), day(2, 100, 0.011), day(9, 100, 0.5)],
        words: [word("filter-red", 3, 2), word("filter-yellow", 2, 1), word("filter-yellow", 1, null)],
      },
      { from: now - 7 * 86_400_000, until: now },
    );
    expect(outside.complaints).toMatchObject([{ delivered: 1000, told: { lower: expect.closeTo(0.002) } }]);
    expect(judgeReputation(figures(outside), now).evidence).toMatchObject([
      { code: "complaints-raised", share: { of: 0 } },
      { code: "filter-yellow", at: now - 86_400_000 },
    ]);
  });
  test("is medium when DMARC fails, and names the heaviest reason first", () => {
    const verdict = judgeReputation(
      figures({
        dmarc: { passed: 900, total: 1000 },
        replies: { "domain-reputation": { temporary: 4, permanent: 0, lastPermanentAt: null } },
      }),
      now,
    );
    expect(verdict.reputation).toBe("LOW");
    expect(verdict.evidence.map(({ code }) => code)).toEqual(["throttled", "dmarc-failing"]);
  });
});
