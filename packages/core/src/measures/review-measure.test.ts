import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { combineMeasures } from "./measure.ts";
import {
  backOff,
  measureHours,
  type ReviewedMeasure,
  reviewMeasure,
  startingLimits,
} from "./review-measure.ts";

const start = new Date("2026-11-29T08:00:00Z");
const at = (minutes: number) => new Date(start.getTime() + minutes * 60_000);
const endOf = (kind: keyof typeof measureHours) => at(measureHours[kind] * 60);

function begun(kind: keyof typeof measureHours, changes: Partial<ReviewedMeasure> = {}): ReviewedMeasure {
  return {
    kind,
    limits: startingLimits(kind),
    startedAt: start,
    endsAt: endOf(kind),
    steppedAt: start,
    isProlonged: false,
    ...changes,
  };
}

describe("a back-off", () => {
  test("holds the mail for ten minutes, and then goes on with one connection", () => {
    const measure = begun("back-off");
    expect(measure.limits?.connectionsMax).toBe(0);
    const nothing = { delivered: 0, pushedBack: 0 };
    expect(reviewMeasure(measure, nothing, at(9))).toEqual({
      kind: "wait",
      until: at(10),
      because: "too-early",
    });
    expect(reviewMeasure(measure, nothing, at(10))).toMatchObject({
      kind: "step",
      limits: { connectionsMax: 1 },
    });
  });

  test("adds one connection at a time while the provider accepts, and ends with enough of them", () => {
    let measure = begun("back-off", {
      limits: { connectionsMax: 1, secondsBetweenMessages: 0, recipientsPerMessageMax: 10 },
    });
    const seen: number[] = [];
    for (let minutes = 10; ; minutes += 10) {
      const review = reviewMeasure(measure, { delivered: 3, pushedBack: 0 }, at(minutes));
      if (review.kind === "end") break;
      if (review.kind !== "step") expect.fail(`it should go on at ${minutes}`);
      seen.push(review.limits.connectionsMax);
      measure = { ...measure, limits: review.limits, steppedAt: at(minutes) };
    }
    expect(seen).toEqual([2, 3, 4, backOff.connectionsEnough]);
  });

  test("holds again as soon as the provider pushes back, and waits where nothing was sent", () => {
    const measure = begun("back-off", {
      limits: { connectionsMax: 3, secondsBetweenMessages: 0, recipientsPerMessageMax: 10 },
    });
    expect(reviewMeasure(measure, { delivered: 9, pushedBack: 1 }, at(1))).toMatchObject({
      kind: "step",
      limits: { connectionsMax: 0 },
      because: "refused",
    });
    expect(reviewMeasure(measure, { delivered: 0, pushedBack: 0 }, at(10))).toMatchObject({
      kind: "wait",
      because: "not-enough-mail",
    });
  });
});

test("a measure is prolonged once where the provider still refuses near its end, and then ends", () => {
  const measure = begun("throttle");
  const refused = { delivered: 5, pushedBack: 2 };
  const nearEnd = new Date(endOf("throttle").getTime() - 30 * 60_000);
  const review = reviewMeasure(measure, refused, nearEnd);
  expect(review).toEqual({ kind: "prolong", endsAt: at(2 * measureHours.throttle * 60) });
  const prolonged = { ...measure, endsAt: at(2 * measureHours.throttle * 60), isProlonged: true };
  expect(reviewMeasure(prolonged, refused, new Date(prolonged.endsAt.getTime() - 1))).toMatchObject({
    kind: "wait",
  });
  expect(reviewMeasure(prolonged, refused, prolonged.endsAt)).toEqual({ kind: "end", because: "expired" });
});

test("no measure outlives twice its time, adds two connections at once, or waits for a time that is over", () => {
  const kinds = fc.constantFrom("back-off", "throttle", "relay", "prefer-ipv4");
  const looks = fc.array(
    fc.record({ minutes: fc.integer({ min: 1, max: 3000 }), delivered: fc.nat(50), pushedBack: fc.nat(3) }),
    {
      maxLength: 60,
    },
  );
  fc.assert(
    fc.property(kinds, looks, (kind, steps) => {
      let measure = begun(kind as keyof typeof measureHours);
      const latest = start.getTime() + 2 * (measure.endsAt.getTime() - start.getTime());
      let minutes = 0;
      for (const step of steps) {
        minutes += step.minutes;
        const now = at(minutes);
        const review = reviewMeasure(measure, step, now);
        if (now.getTime() >= latest) expect(review.kind).toBe("end");
        if (review.kind === "end") return;
        if (review.kind === "wait") expect(review.until > now).toBe(true);
        if (review.kind === "prolong") {
          expect(measure.isProlonged).toBe(false);
          measure = { ...measure, endsAt: review.endsAt, isProlonged: true };
        }
        if (review.kind === "step") {
          const before = measure.limits?.connectionsMax ?? 0;
          expect([0, before + 1]).toContain(review.limits.connectionsMax);
          if (step.pushedBack > 0 && before > 0) expect(review.limits.connectionsMax).toBe(0);
          measure = { ...measure, limits: review.limits, steppedAt: now };
        }
      }
    }),
  );
});

test("of several measures about one provider the strictest limits hold", () => {
  const id = "0193a5b0-7c1e-7000-8000-00000000000a";
  const limits = (connectionsMax: number, secondsBetweenMessages: number) => ({
    connectionsMax,
    secondsBetweenMessages,
    recipientsPerMessageMax: 5,
  });
  expect(
    combineMeasures([
      { id, kind: "throttle", provider: "yahoo", limits: limits(4, 60) },
      { id, kind: "warm-up", provider: "yahoo", limits: limits(1, 5) },
      { id, kind: "prefer-ipv4", provider: "apple", limits: null },
    ]),
  ).toEqual([
    { provider: "apple", limits: null, prefersIpv4: true, isRelayed: false },
    { provider: "yahoo", limits: limits(1, 60), prefersIpv4: false, isRelayed: false },
  ]);
});
