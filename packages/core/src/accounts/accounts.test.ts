import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { momentMark } from "../text/index.ts";
import {
  type AccountJudgement,
  type AccountRecord,
  accountLimits,
  accountRecordSchema,
  accountThresholds,
  clearAccount,
  foldAlert,
  judgeAccount,
  judgeAccounts,
  learnScore,
  learnSending,
  newAccount,
  type Sending,
} from "./index.ts";

const dayMs = 86_400_000;
const start = Date.parse("2026-11-01T09:00:00Z");

/** Sends to so many recipients within the half hour after `at`. */
function send(
  record: AccountRecord,
  {
    at,
    to,
    bounced = 0,
    networks = 1,
    of = "friend",
  }: Partial<Record<"bounced" | "networks", number>> & {
    at: number;
    to: number;
    of?: string;
  },
): AccountRecord {
  let next = record;
  for (let index = 0; index < to; index += 1)
    next = learnSending(next, {
      at: at + index * 1000,
      recipient: `${of}${index}@b.example`,
      clientAddress: networks === 1 ? "198.51.100.7" : `203.0.${index % networks}.9`,
      isFirst: true,
      isBounced: index < bounced,
    });
  return next;
}

/** An account that has written to its ten friends on each of so many days. */
function habit(days: number, to = 10): AccountRecord {
  let record = newAccount(start);
  for (let day = 0; day < days; day += 1) record = send(record, { at: start + day * dayMs, to });
  return record;
}
const judge = (record: AccountRecord) => judgeAccount(record, record.at);
const next = (days: number) => start + days * dayMs;

describe("an account is judged by its own way", () => {
  test("a stolen account: a jump, unknown recipients, and bounces", () => {
    const robbed = send(habit(14), { at: next(14), to: 120, bounced: 40, of: "stranger" });
    expect(judge(robbed)).toEqual({
      kind: "suspicious",
      certainty: "high",
      signs: [
        { kind: "volume", measured: 120, of: 10 },
        { kind: "first-time", measured: 120, of: 120 },
        { kind: "bounces", measured: 40, of: 120 },
      ],
    });
  });

  test("a newsletter or an invitation alone is worth a look and never held", () => {
    const busy = send(habit(14), { at: next(14), to: 300, of: "guest" });
    expect(judge(busy)).toMatchObject({ kind: "suspicious", certainty: "possible" });
  });

  test("many new networks within an hour tell, two do not", () => {
    const robbed = send(habit(14), { at: next(14), to: 120, networks: 8, of: "stranger" });
    expect(judge(robbed)).toMatchObject({ certainty: "high" });
    expect(judge(send(habit(14), { at: next(14), to: 10, networks: 2 }))).toEqual({ kind: "usual" });
  });

  test("what is much for one is usual for another", () => {
    expect(judge(send(habit(14, 200), { at: next(14), to: 400 })).kind).toBe("usual");
    expect(judge(send(habit(14), { at: next(14), to: 50 }))).toEqual({ kind: "usual" });
  });

  test("in its first week an account is judged by what no new account of a person needs", () => {
    const letters = send(habit(3), { at: next(3), to: 120, of: "guest" });
    expect(judge(letters)).toEqual({ kind: "not-enough-history", days: 3 });
    // A newsletter that somebody brings along is worth a look, and not held.
    const mailing = send(habit(3), { at: next(3), to: 300, of: "guest" });
    expect(judge(mailing)).toEqual({
      kind: "suspicious",
      certainty: "possible",
      signs: [{ kind: "volume", measured: 300, of: null }],
    });
    const robbed = send(newAccount(start), { at: next(0), to: 240, bounced: 80, of: "stranger" });
    expect(judge(robbed)).toMatchObject({ kind: "suspicious", certainty: "high" });
    const travelling = send(newAccount(start), { at: next(0), to: 240, networks: 9, of: "stranger" });
    expect(judge(travelling)).toMatchObject({ kind: "suspicious", certainty: "high" });
  });

  test("a new account whose many messages the filter marks as spam is held, and one with few is not", () => {
    const scored = (to: number) => {
      let record = send(newAccount(start), { at: next(0), to, of: "stranger" });
      for (let index = 0; index < 12; index += 1)
        record = learnScore(record, { at: next(0) + to * 1000 + index, score: 9 });
      return judge(record);
    };
    expect(scored(220)).toMatchObject({
      certainty: "high",
      signs: expect.arrayContaining([{ kind: "score", measured: 9, of: null }]),
    });
    expect(scored(40).kind).toBe("not-enough-history");
  });

  test("a rise of the spam score tells where scores are known", () => {
    const score = (record: AccountRecord, at: number, points: number) => {
      let scored = record;
      for (let index = 0; index < 12; index += 1)
        scored = learnScore(scored, { at: at + index, score: points });
      return scored;
    };
    let record = newAccount(start);
    for (let day = 0; day < 10; day += 1)
      record = score(send(record, { at: next(day), to: 10 }), next(day) + 60_000, 0.5);
    const robbed = score(send(record, { at: next(10), to: 100, of: "stranger" }), next(10) + 200_000, 8);
    expect(judge(robbed)).toMatchObject({
      certainty: "high",
      signs: expect.arrayContaining([{ kind: "score", measured: 8, of: 0.5 }]),
    });
  });

  test.each<[string, Parameters<typeof sentAs>[0], string, string[]]>([
    ["a jump alone", { to: 120, of: "friend" }, "possible", ["volume"]],
    ["recipients of whom it never heard alone", { to: 50, of: "stranger" }, "usual", []],
    ["a risen score alone", { to: 10, of: "friend", score: 8 }, "usual", []],
    ["a jump to strangers", { to: 120, of: "stranger" }, "possible", ["volume", "first-time"]],
    [
      "strangers with a risen score",
      { to: 50, of: "stranger", score: 8 },
      "possible",
      ["first-time", "score"],
    ],
    ["a jump with a risen score", { to: 120, of: "friend", score: 8 }, "high", ["volume", "score"]],
    ["all three", { to: 120, of: "stranger", score: 8 }, "high", ["volume", "first-time", "score"]],
  ])(
    "%s: only a jump with what no newsletter shows is certain enough to hold",
    (_what, sent, certainty, signs) => {
      const judged = judge(sentAs(sent));
      if (judged.kind !== "suspicious") {
        expect(judged.kind).toBe(certainty);
        return;
      }
      expect(judged.certainty).toBe(certainty);
      expect(judged.signs.map(({ kind }) => kind)).toEqual(signs);
    },
  );

  /** Two weeks of plain letters to its 130 friends, ten an hour, and then an hour of this. */
  function sentAs({ to, of, score = 0.5 }: { to: number; of: string; score?: number }): AccountRecord {
    let record = newAccount(start);
    for (let day = 0; day < 14; day += 1) {
      for (let index = 0; index < 10; index += 1) {
        const recipient = `friend${(day * 10 + index) % 130}@b.example`;
        const at = next(day) + index * 1000;
        record = learnSending(record, {
          at,
          recipient,
          clientAddress: "198.51.100.7",
          isFirst: true,
          isBounced: false,
        });
        record = learnScore(record, { at, score: 0.5 });
      }
    }
    record = send(record, { at: next(14), to, of });
    for (let index = 0; index < 12; index += 1)
      record = learnScore(record, { at: next(14) + 130_000 + index, score });
    return record;
  }

  test("scores that are read before the log or long after it count where they belong, and move nothing else", () => {
    const known = habit(14);
    const late = learnScore(known, { at: next(3), score: 2 });
    expect(late.parts).toEqual(known.parts);
    expect(late.days[3]).toMatchObject({ scored: 1, scoreSum: 2, recipients: 10 });
    // The log of the three days that were missed is read after the verdicts of today.
    const ahead = learnScore(known, { at: next(16) + 5000, score: 2 });
    expect(ahead.at).toBe(known.at);
    const caughtUp = [14, 15, 16].reduce((record, day) => send(record, { at: next(day), to: 50 }), ahead);
    expect(judge(caughtUp)).toEqual({ kind: "usual" });
    expect(caughtUp.days.map(({ recipients, scored }) => [recipients, scored]).slice(-3)).toEqual([
      [50, 0],
      [50, 0],
      [50, 1],
    ]);
  });

  test("what a robber sent does not become what is usual once a person has released the account", () => {
    const robbed = send(habit(14), { at: next(14), to: 120, bounced: 40, of: "stranger" });
    const released = clearAccount(robbed, robbed.at);
    expect(judge(released)).toEqual({ kind: "usual" });
    const again = send(released, { at: next(15), to: 130, bounced: 60, of: "other" });
    expect(judge(again)).toMatchObject({ certainty: "high" });
  });
});

const sendings = fc.array(
  fc.record({
    step: fc.integer({ min: -2 * dayMs, max: 2 * dayMs }),
    recipient: fc.string({ maxLength: 12 }),
    clientAddress: fc.option(fc.ipV4()),
    isFirst: fc.boolean(),
    isBounced: fc.boolean(),
    scoredAfter: fc.option(fc.integer({ min: -2 * dayMs, max: 2 * dayMs })),
  }),
  { maxLength: 120 },
);

test("whatever is learned, in whatever order of time, a record stays small and readable", () => {
  fc.assert(
    fc.property(sendings, (steps) => {
      let record = newAccount(start);
      let at = start;
      for (const { step, scoredAfter, ...sending } of steps) {
        at += step;
        record = learnSending(record, { ...sending, at } satisfies Sending);
        if (scoredAfter !== null) record = learnScore(record, { at: at + scoredAfter, score: 1 });
      }
      expect(accountRecordSchema.parse(JSON.parse(JSON.stringify(record)))).toEqual(record);
      expect(record.parts.length).toBeLessThanOrEqual(accountThresholds.windowMs / accountLimits.partMs);
      expect(record.days.length).toBeLessThanOrEqual(accountLimits.daysKept + 1);
      expect(record.known.length).toBeLessThanOrEqual(accountLimits.recipientsKept);
      expect(record.networks.length).toBeLessThanOrEqual(accountLimits.networksKept);
      expect(JSON.stringify(record)).not.toContain("@");
    }),
  );
});

test("never a hold without a jump, never a word below the floors", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 20 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 0, max: 200 }),
      fc.integer({ min: 0, max: 200 }),
      fc.integer({ min: 1, max: 9 }),
      (days, to, burst, bounced, networks) => {
        const judged = judge(
          send(habit(days, to), { at: next(days), to: burst, bounced: Math.min(bounced, burst), networks }),
        );
        if (judged.kind !== "suspicious") return;
        if (judged.certainty === "high") expect(burst).toBeGreaterThanOrEqual(accountThresholds.volumeMin);
        if (judged.certainty === "high")
          if (days * dayMs < accountThresholds.newMs)
            expect(burst).toBeGreaterThanOrEqual(accountThresholds.newVolumeMin);
        expect(burst >= accountThresholds.firstTimeMin || networks >= accountThresholds.newNetworksMin).toBe(
          true,
        );
      },
    ),
    { numRuns: 60 },
  );
});

test("an alert keeps its beginning and the worst that was seen, and ends after a quiet day", () => {
  const bad: AccountJudgement = {
    kind: "suspicious",
    certainty: "high",
    signs: [{ kind: "volume", measured: 90, of: 10 }],
  };
  const worse: AccountJudgement = {
    kind: "suspicious",
    certainty: "possible",
    signs: [{ kind: "volume", measured: 95, of: 10 }],
  };
  const first = foldAlert(null, bad, start);
  const second = foldAlert(first, worse, start + 60_000);
  expect(second).toMatchObject({ since: start, certainty: "high", signs: [{ measured: 95 }] });
  const usual: AccountJudgement = { kind: "usual" };
  expect(foldAlert(second, usual, start + accountThresholds.quietMs)).toEqual(second);
  expect(foldAlert(second, usual, start + 60_000 + accountThresholds.quietMs)).toBeNull();
});

test("a finding tells what was measured, and a held account is told as held alone", () => {
  const since = new Date(start);
  const alert = { since, certainty: "high", signs: [{ kind: "bounces", measured: 40, of: 120 }] } as const;
  const known = { address: "ann@a.example", alert, hold: null };
  expect(judgeAccounts([known])).toMatchObject([
    {
      kind: "account-suspicious",
      severity: "error",
      evidence: [`seen since ${momentMark(since)}`, "40 of 120 recipients were refused for good"],
    },
  ]);
  const held = judgeAccounts([{ ...known, hold: { since, by: "agent", messages: 7 } }]);
  expect(held.map(({ kind }) => kind)).toEqual(["account-held"]);
  expect(held[0]?.evidence).toContain("7 of its messages are on hold in the queue");
  expect(judgeAccounts([{ ...known, alert: null }])).toEqual([]);
});
