import { expect, test } from "vitest";
import { failuresOf, paceOf, reportText, tallyReceivers } from "./rotation-report.ts";
import { isVerified, type MessageVerdict } from "./verdict.ts";

const verdict = (receiver: string, id: string, ...results: readonly string[]): MessageVerdict => ({
  receiver,
  id,
  atMs: 0,
  signatures: results.map((result, index) => ({ selector: `s${index}`, result })),
});
const taken = ["m1", "m2", "m3"].map((id, index) => ({ id, atMs: index * 1000 }));

test.each([
  ["all verify", ["pass", "pass"], true],
  ["one does not verify beside one that does", ["pass", "fail"], false],
  ["the key could not be looked up", ["temperror"], false],
  ["there is none", [], false],
])("a message whose signatures are such counts as verified or not: %s", (_name, results, expected) => {
  expect(isVerified(verdict("a", "m1", ...results))).toBe(expected);
});

test("each receiver is counted by itself, by message and by selector, and misses what never came", () => {
  const verdicts = [
    verdict("a", "m1", "pass", "pass"),
    verdict("a", "m2", "pass", "fail"),
    verdict("b", "m1", "pass", "pass"),
    verdict("b", "m2", "pass", "pass"),
    verdict("b", "m3", "pass", "pass"),
  ];
  expect(tallyReceivers(["a", "b"], taken, verdicts)).toEqual([
    {
      receiver: "a",
      verified: 1,
      failed: 1,
      missing: 1,
      selectors: [
        { selector: "s0", verified: 2, failed: 0 },
        { selector: "s1", verified: 1, failed: 1 },
      ],
    },
    {
      receiver: "b",
      verified: 3,
      failed: 0,
      missing: 0,
      selectors: [
        { selector: "s0", verified: 3, failed: 0 },
        { selector: "s1", verified: 3, failed: 0 },
      ],
    },
  ]);
  expect(failuresOf(verdicts)).toEqual([verdicts[1]]);
});

test("a message that came twice counts once, and as failed when it failed once", () => {
  const twice = [verdict("a", "m1", "pass"), verdict("a", "m1", "fail"), verdict("a", "m2", "pass")];
  expect(tallyReceivers(["a"], taken, [...twice, verdict("a", "m2", "pass")])).toMatchObject([
    { verified: 1, failed: 1, missing: 1 },
  ]);
});

test("the pace counts only what was taken while the rotation went on", () => {
  expect(paceOf(taken, { fromMs: 1000, untilMs: 3000 })).toBe(1);
});

test("the report names every step and fault with its time since the start", () => {
  const text = reportText({
    outcome: "finished",
    sent: 3,
    perSecond: 1,
    receivers: tallyReceivers(["a"], taken, [verdict("a", "m1", "fail")]),
    failures: [],
    steps: [{ name: "generating", fromMs: 5_000, untilMs: 7_500 }],
    faults: [{ name: "mail1 is restarted", fromMs: 6_000, untilMs: 9_000 }],
    alarms: ["mail2 is offline."],
    namesKnownMissing: 8,
  });
  expect(text).toContain("a: 0 verified, 1 failed, 2 missing");
  expect(text).toContain("0.0 s  generating, for 2.5 s");
  expect(text).toContain("1.0 s  mail1 is restarted, for 3.0 s");
  expect(text).toContain("alarm: mail2 is offline.");
});
