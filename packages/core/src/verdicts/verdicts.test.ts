import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  createVerdictCounter,
  foldVerdicts,
  parseVerdictLine,
  spamMessages,
  verdictBatchesOf,
  verdictBatchSchema,
  verdictFigures,
} from "./index.ts";

/** As Rspamd 3.4 and 3.12 wrote them on real hosts. */
const seen = {
  newsletter:
    '{"ours":"alpha.example","isAligned":true,"action":"no action","hasOneClick":true,"sender":"authenticated","score":-0.110000,"to":[{"isOurs":false,"domain":"gmail.com"},{"isOurs":false,"domain":"outlook.com"},{"isOurs":true,"domain":"beta.example"}],"symbols":{"DKIM_SIGNED":0,"ARC_NA":0},"isBulk":true,"from":"alpha.example","at":1795979932}',
  greylisted:
    '{"ours":"alpha.example","to":[{"domain":"alpha.example","isOurs":true}],"isBulk":false,"hasOneClick":false,"from":"alpha.example","action":"soft reject","score":7,"isAligned":true,"at":1795979964,"sender":"outside","symbols":{"R_SPF_DNSFAIL":0,"R_DKIM_NA":0,"RDNS_NONE":1,"GREYLIST":0,"HFILTER_HOSTNAME_UNKNOWN":2.500000,"MISSING_MID":2.500000,"MISSING_DATE":1}}',
  forged:
    '{"score":0,"isAligned":false,"ours":"alpha.example","sender":"authenticated","isBulk":false,"hasOneClick":false,"at":1795980003,"from":"other.example","to":[{"domain":"gmail.com","isOurs":false}],"action":"reject","symbols":{"MAILSTEAD_FORGED_FROM":0}}',
};

function countsOf(...lines: readonly string[]) {
  const counter = createVerdictCounter();
  for (const line of lines) {
    const verdict = parseVerdictLine(line);
    if (verdict === null) throw new Error(`This is no verdict: ${line}`);
    counter.add(verdict);
  }
  return counter.read();
}
const edited = (line: string, changes: object) => JSON.stringify({ ...JSON.parse(line), ...changes });

test("a message that is sent to two receivers and a colleague counts at each, with what was true of it", () => {
  const facts = { signed: 1, aligned: 1, authenticated: 1, bulk: 1, "one-click": 1 };
  const same = { action: "accepted", messages: 1, facts, scores: { "-1": 1 } };
  expect(countsOf(seen.newsletter)).toMatchObject([
    { ...same, direction: "outbound", domain: "alpha.example", provider: "gmail" },
    { ...same, direction: "outbound", domain: "alpha.example", provider: "outlook" },
    { ...same, direction: "internal", domain: "beta.example", provider: null },
  ]);
});

test("what was put off to try the sender is told from what was put off for another reason", () => {
  const limited = edited(seen.greylisted, { symbols: { MAILSTEAD_RATE_LIMITED: 0 } });
  expect(countsOf(seen.greylisted, limited).map(({ action }) => action)).toEqual(["greylisted", "deferred"]);
});

test("who sent is known by the domain that writes, else by the host that handed it in", () => {
  const from = (changes: object) => countsOf(edited(seen.greylisted, changes))[0]?.provider;
  expect(from({ from: "yahoo.de" })).toBe("yahoo");
  expect(from({ from: "company.example", client: "mail-x.google.com" })).toBe("gmail");
  expect(from({ from: "company.example", client: "unknown" })).toBeNull();
});

test("a table without entries is none, and a line that was cut off is no verdict", () => {
  expect(countsOf(edited(seen.forged, { symbols: [] }))).toMatchObject([{ action: "rejected", symbols: {} }]);
  for (let length = 0; length < seen.forged.length; length += 7)
    expect(parseVerdictLine(seen.forged.slice(0, length))).toBeNull();
});

describe("a batch", () => {
  test("says after its way over the wire what it said before", () => {
    const counts = countsOf(seen.newsletter, seen.greylisted, seen.forged);
    expect(
      verdictBatchesOf(counts).map((batch) => verdictBatchSchema.parse(JSON.parse(JSON.stringify(batch)))),
    ).toEqual([{ counts }]);
    expect(verdictBatchesOf([])).toEqual([]);
  });

  test("of a newer agent loses nothing but the words that are not known here", () => {
    const [count] = countsOf(seen.forged);
    const told = { ...count, provider: "newmail", action: "newly", facts: { ...count?.facts, newly: 3 } };
    expect(verdictBatchSchema.parse({ counts: [told] }).counts).toEqual([
      { ...count, provider: null, action: "accepted" },
    ]);
  });

  test.each([
    ["a time between minutes", { minute: 61_000 }],
    ["no message", { messages: 0 }],
    ["a score beyond all", { scores: { "99": 1 } }],
    ["a symbol that is a text", { symbols: { "ann@a.example": 1 } }],
    ["a domain longer than a name may be", { domain: "a".repeat(254) }],
  ])("with %s is refused", (_, part) => {
    const [count] = countsOf(seen.forged);
    expect(verdictBatchSchema.safeParse({ counts: [{ ...count, ...part }] }).success).toBe(false);
  });
});

test("hours and figures hold each message once, in any order and cut anywhere", () => {
  const verdict = fc.record({
    at: fc.nat(20_000).map((second) => 1_795_980_000 + second),
    score: fc.double({ min: -50, max: 100, noNaN: true }),
    action: fc.constantFrom("no action", "add header", "reject", "soft reject"),
    isBulk: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(verdict, { maxLength: 60 }), fc.nat(60), (verdicts, cut) => {
      const lines = verdicts.map((changes) => edited(seen.greylisted, changes));
      const whole = verdictFigures(foldVerdicts(countsOf(...lines), 3_600_000));
      const parts = [...countsOf(...lines.slice(0, cut)), ...countsOf(...lines.slice(cut))];
      expect(verdictFigures(foldVerdicts(parts, 3_600_000))).toEqual(whole);
      expect(whole.messages).toBe(lines.length);
      expect(whole.scores.reduce((sum, { messages }) => sum + messages, 0)).toBe(lines.length);
      expect(spamMessages(whole)).toBe(verdicts.filter(({ score }) => score >= 6).length);
      expect(whole.facts.bulk ?? 0).toBe(verdicts.filter(({ isBulk }) => isBulk).length);
    }),
  );
});

test("the symbols that are shown tell mail apart, and proofs stand with the facts", () => {
  const { topSymbols, facts } = verdictFigures(
    foldVerdicts(
      countsOf(seen.greylisted, edited(seen.greylisted, { symbols: { R_SPF_ALLOW: -0.2, RDNS_NONE: 1 } })),
      3_600_000,
    ),
  );
  expect(topSymbols[0]).toEqual({ symbol: "RDNS_NONE", messages: 2 });
  expect(topSymbols.map(({ symbol }) => symbol)).not.toContain("R_SPF_ALLOW");
  expect(facts["spf-pass"]).toBe(1);
});
