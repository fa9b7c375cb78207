import { expect, test } from "vitest";
import { type Fleet, fleetOf, judgeReputation, type SenderFigures } from "./index.ts";

const now = Date.parse("2026-11-20T12:00:00Z");
const few: SenderFigures = {
  messages: 12,
  delivered: 12,
  replies: {},
  complaints: [],
  dmarc: null,
  listings: [],
  words: [],
};
const fleet = (troubled: (index: number) => number): Fleet | null =>
  fleetOf(Array.from({ length: 40 }, (_, index) => ({ messages: 5000, troubled: troubled(index) })));

test("who sent little is judged with the fleet, and the evidence says with how many", () => {
  expect(
    judgeReputation(
      few,
      now,
      fleet(() => 1),
    ),
  ).toMatchObject({
    reputation: "HIGH",
    missing: 88,
    evidence: [{ code: "like-fleet", senders: 40 }],
  });
});

test("a fleet that is held back itself lends nobody a good name", () => {
  expect(
    judgeReputation(
      few,
      now,
      fleet(() => 900),
    ),
  ).toMatchObject({ reputation: "MEDIUM" });
});

test("a fleet whose senders differ much settles nothing", () => {
  expect(
    judgeReputation(
      few,
      now,
      fleet((index) => (index % 2) * 900),
    ).reputation,
  ).toBe("UNKNOWN");
});

test("what was held back of few messages counts against what the fleet lends", () => {
  const slowed = { "rate-limit": { temporary: 8, permanent: 0, lastPermanentAt: null } };
  expect(
    judgeReputation(
      { ...few, replies: slowed },
      now,
      fleet(() => 1),
    ).reputation,
  ).not.toBe("HIGH");
});

test("of fewer than ten messages the verdict would be the fleet's alone, so there is none", () => {
  expect(
    judgeReputation(
      { ...few, messages: 9 },
      now,
      fleet(() => 1),
    ).reputation,
  ).toBe("UNKNOWN");
});

test("two senders are no fleet, and neither are many who sent little", () => {
  expect(fleetOf([1, 2].map(() => ({ messages: 500, troubled: 0 })))).toBeNull();
  expect(fleetOf(Array.from({ length: 30 }, () => ({ messages: 99, troubled: 0 })))).toBeNull();
});
