import fc from "fast-check";
import { expect, test } from "vitest";
import {
  firstTrack,
  isTrackDone,
  messagesPerDayMax,
  reviewWarmUp,
  warmUpLimits,
  warmUpRules,
} from "./warm-up.ts";
import { warmUpProviders, warmUpStages } from "./warm-up-stages.ts";

const start = new Date("2026-11-29T08:00:00Z");
const day = warmUpRules.stageMinMs;
const after = (days: number) => new Date(start.getTime() + days * day);
const first = firstTrack("gmail", start);

test("a warm-up goes on by one stage a day while enough mail is accepted, until it is done", () => {
  let track = first;
  const perDay: (number | null)[] = [];
  for (let days = 1; !isTrackDone(track); days++) {
    perDay.push(messagesPerDayMax(track));
    track = reviewWarmUp(track, { delivered: messagesPerDayMax(track) ?? 0, pushedBack: 0 }, after(days));
  }
  expect(perDay).toEqual(warmUpStages.gmail);
  expect(warmUpLimits(track)).toBeNull();
});

test("a warm-up waits where too little mail was sent to judge, and says so", () => {
  const track = reviewWarmUp(first, { delivered: 3, pushedBack: 0 }, after(2));
  expect(track).toEqual({ ...first, because: "not-enough-mail" });
});

test("a warm-up steps back as soon as more is pushed back than few could be by chance", () => {
  const third = { ...first, stage: 2 };
  expect(reviewWarmUp(third, { delivered: 40, pushedBack: 20 }, after(0.1))).toMatchObject({
    stage: 1,
    because: "refused",
  });
  expect(reviewWarmUp(third, { delivered: 199, pushedBack: 1 }, after(1))).toMatchObject({ stage: 3 });
  expect(reviewWarmUp(first, { delivered: 0, pushedBack: 5 }, after(1))).toMatchObject({
    stage: 0,
    because: "refused",
  });
});

test("the limits of a stage let no more leave in a day than the stage allows", () => {
  for (const provider of warmUpProviders)
    for (const stage of warmUpStages[provider].keys()) {
      const limits = warmUpLimits({ ...first, provider, stage });
      const perDay = messagesPerDayMax({ ...first, provider, stage }) ?? 0;
      expect(limits?.recipientsPerMessageMax).toBe(1);
      expect(86_400 / (limits?.secondsBetweenMessages ?? 1)).toBeLessThanOrEqual(perDay);
    }
});

test("no warm-up skips a stage, goes on while it is refused, or goes on twice in one day", () => {
  const looks = fc.array(
    fc.record({ hours: fc.integer({ min: 1, max: 60 }), delivered: fc.nat(4000), pushedBack: fc.nat(400) }),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(fc.constantFrom(...warmUpProviders), looks, (provider, steps) => {
      let track = firstTrack(provider, start);
      let now = start;
      for (const { hours, ...signs } of steps) {
        now = new Date(now.getTime() + hours * 3_600_000);
        const next = reviewWarmUp(track, signs, now);
        expect(Math.abs(next.stage - track.stage)).toBeLessThanOrEqual(1);
        expect(next.stage).toBeGreaterThanOrEqual(0);
        if (next.stage > track.stage) {
          expect(now.getTime() - Date.parse(track.stageSince)).toBeGreaterThanOrEqual(day);
          expect(signs.pushedBack).toBeLessThan(signs.delivered);
        }
        track = next;
      }
    }),
  );
});
