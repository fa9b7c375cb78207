import fc from "fast-check";
import { expect, test } from "vitest";
import { findingDetailsSchema } from "../findings/index.ts";
import { findingOfOwnSpam, judgeOwnSpam, type PeriodVerdicts } from "./index.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const now = Date.parse("2026-11-20T12:00:00Z");
const sent: PeriodVerdicts = {
  startsAt: now - hourMs,
  direction: "outbound",
  domain: "a.example",
  provider: "gmail",
  action: "accepted",
  messages: 400,
  facts: {},
  scores: { "1": 400 },
  symbols: { DKIM_SIGNED: 400, MIME_GOOD: 400 },
};
const spam = (messages: number, ago = hourMs): PeriodVerdicts => ({
  ...sent,
  startsAt: now - ago,
  action: "rejected",
  messages,
  scores: { "18": messages },
  symbols: { BAYES_SPAM: messages },
});
const days = (good: number, bad: number): PeriodVerdicts[] =>
  Array.from({ length: 14 }, (_, n) => n + 2).flatMap((n) => [
    { ...sent, startsAt: now - n * dayMs, messages: good },
    ...(bad === 0 ? [] : [spam(bad, n * dayMs)]),
  ]);
const judge = (hours: PeriodVerdicts[], { isOpen = false, before = days(1000, 2) } = {}) =>
  judgeOwnSpam({ hours, days: before }, { isOpen, now });

test("an unusual part of a domain's own mail that is held to be spam is told with its share, reasons and what to do", () => {
  const hours = [sent, spam(80), { ...spam(20), action: "marked" as const, scores: { "7": 20 } }];
  const verdict = judge(hours);
  expect(verdict).toMatchObject({ limit: 0.05, share: { count: 100, of: 500 } });
  if (verdict === null) return;
  const finding = findingOfOwnSpam(verdict, { domain: "a.example", server: "mail1", verdicts: hours });
  expect(finding).toMatchObject({
    severity: "warning",
    sentence: "The spam filter of mail1 holds an unusual part of the mail that a.example sends to be spam.",
    details: {
      evidence: [
        "100 of 500 messages in six hours; the true share is 16.7 to 23.7 %",
        "usual is 0.2 %, by the two weeks before",
        "in a day 80 were refused, 20 marked, and 0 let through with a score as high",
        "because of BAYES_SPAM (100)",
      ],
    },
  });
  expect(findingDetailsSchema.parse(finding.details)).toEqual(finding.details);
});

test("what is let through counts by its score", () => {
  expect(judge([{ ...sent, scores: { "1": 300, "7": 100 } }])?.share.count).toBe(100);
});

test("a few letters are no outbreak, and neither is what is usual for the domain", () => {
  expect(judge([{ ...sent, messages: 3 }, spam(9)])).toBeNull();
  expect(judge([sent, spam(40)], { before: days(900, 100) })).toBeNull();
  expect(judge([sent, spam(40)], { before: [] })).toMatchObject({ usual: null });
});

test("more than a fifth is told whatever was usual", () => {
  expect(judge([sent, spam(200)], { before: days(500, 500) })?.limit).toBe(0.2);
});

test("one that is open stays while its share may still be too high, and closes once it is not, or a day went by without", () => {
  expect(judge([sent, spam(18)])).toBeNull();
  expect(judge([sent, spam(18)], { isOpen: true })).not.toBeNull();
  expect(judge([sent, spam(60, 10 * hourMs)], { isOpen: true })).toBeNull();
  // At night nothing is sent, which says nothing.
  expect(judge([spam(60, 10 * hourMs)], { isOpen: true })).not.toBeNull();
  expect(judge([], { isOpen: true })).toBeNull();
});

test("what opens stays open by the same numbers, so that nothing comes and goes at a limit", () => {
  fc.assert(
    fc.property(fc.nat(2000), fc.nat(500), fc.nat(300), (good, bad, usual) => {
      const hours = [{ ...sent, messages: good, scores: {} }, ...(bad === 0 ? [] : [spam(bad)])];
      const before = days(1000, usual);
      if (judge(hours, { before }) !== null) expect(judge(hours, { before, isOpen: true })).not.toBeNull();
    }),
  );
});
