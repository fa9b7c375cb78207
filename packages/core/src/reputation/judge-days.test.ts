import { expect, test } from "vitest";
import { type DaySum, judgeDays, nothingFromOutside, type StandingReputation } from "./index.ts";

const dayMs = 86_400_000;
const today = Date.parse("2026-11-20T00:00:00Z");
const now = today + 12 * 3_600_000;
const dayAgo = (days: number) => today - days * dayMs;

const sent = (day: number, messages = 60): DaySum => ({
  sender: "a",
  provider: "outlook",
  day,
  firstAt: day,
  lastAt: day,
  status: "sent",
  category: null,
  attempts: messages,
  firstAttempts: messages,
});
const refused = (day: number): DaySum => ({ ...sent(day, 30), status: "bounced", category: "ip-reputation" });
const days = (from: number, to: number) =>
  Array.from({ length: from - to + 1 }, (_, index) => dayAgo(from - index));
const time = {
  from: dayAgo(9),
  now,
  kept: (): StandingReputation | undefined => undefined,
  outside: () => nothingFromOutside,
};
const story = [
  ...days(15, 5).map((day) => sent(day)),
  refused(dayAgo(5)),
  ...days(4, 0).map((day) => sent(day)),
];

test("a block marks its day, holds the name down while the week remembers it, and is over then", () => {
  const judged = judgeDays(story, time);
  expect(judged.map(({ day, reputation }) => [(today - day) / dayMs, reputation])).toEqual([
    [9, "HIGH"],
    [8, "HIGH"],
    [7, "HIGH"],
    [6, "HIGH"],
    [5, "BAD"],
    [4, "MEDIUM"],
    [3, "MEDIUM"],
    [2, "MEDIUM"],
    [1, "MEDIUM"],
    [0, "MEDIUM"],
  ]);
  expect(judged.find(({ day }) => day === dayAgo(1))).toMatchObject({
    since: dayAgo(4),
    messages: 450,
    troubled: 30,
  });
});

test("a day's own figures are those of the day alone", () => {
  expect(judgeDays(story, time).find(({ day }) => day === dayAgo(5))?.figures).toEqual({
    messages: 90,
    delivered: 60,
    deferred: 0,
    refused: 30,
    slowed: 0,
    blocked: 30,
  });
});

test("judging again with what was kept changes nothing, and a change of today has the hour at which it began", () => {
  const block = { ...refused(today), firstAt: now - 7_200_000, lastAt: now - 1 };
  const first = judgeDays([...story, block], { ...time, from: dayAgo(1) });
  expect(first.at(-1)).toMatchObject({ reputation: "BAD", since: block.firstAt });
  const kept = (_: string, __: unknown, day: number) => first.find((judged) => judged.day === day);
  const again = judgeDays([...story, block], {
    ...time,
    from: dayAgo(1),
    now: now + 600_000,
    kept,
  });
  expect(again).toEqual(first);
});

test("a reputation that stood before the judged time goes on standing since then", () => {
  const kept = (_: string, __: unknown, day: number) =>
    day === dayAgo(10) ? ({ reputation: "HIGH", reason: "accepted", since: dayAgo(60) } as const) : undefined;
  expect(judgeDays(story, { ...time, kept })[0]?.since).toBe(dayAgo(60));
});

test("since when and why are of one cause: the first for as long as it holds, then the next from when it began", () => {
  const blocks = [4, 3, 2].map((ago) => refused(dayAgo(ago)));
  const listing = { zone: "zen", sinceAt: dayAgo(3), untilAt: null, isCritical: true };
  const judged = judgeDays([...days(15, 0).map((day) => sent(day)), ...blocks], {
    ...time,
    from: dayAgo(5),
    outside: () => ({ ...nothingFromOutside, listings: [listing] }),
  });
  expect(judged.slice(1).map(({ reputation, reason, since }) => [reputation, reason, since])).toEqual([
    ["BAD", "blocked", dayAgo(4)],
    // Listed as well by now, and still known by what came first.
    ["BAD", "blocked", dayAgo(4)],
    ["BAD", "blocked", dayAgo(4)],
    ["BAD", "listed", dayAgo(3)],
    ["BAD", "listed", dayAgo(3)],
  ]);
});

test("a listing counts on the days on which it stood", () => {
  const listing = { zone: "zen.spamhaus.org", sinceAt: dayAgo(3), untilAt: dayAgo(1), isCritical: true };
  const judged = judgeDays(
    days(15, 0).map((day) => sent(day)),
    {
      ...time,
      from: dayAgo(4),
      outside: () => ({ ...nothingFromOutside, listings: [listing] }),
    },
  );
  expect(judged.map(({ reputation }) => reputation)).toEqual(["HIGH", "BAD", "BAD", "HIGH", "HIGH"]);
});

test("a sender that sent nothing for a week has no judgement", () => {
  expect(judgeDays([sent(dayAgo(15))], time).map(({ day }) => day)).toEqual([dayAgo(9)]);
});
