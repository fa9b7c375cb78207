import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  judgeSender,
  type ProviderFacts,
  providerRules,
  type RuledProvider,
  ruledProviders,
  type SenderFacts,
  type SenderRule,
} from "./index.ts";

const day = Date.parse("2026-11-20T00:00:00Z");
const all = (of: number) => ({ count: of, of });
const bulk: ProviderFacts = {
  peak: { messages: 6000, day },
  overTls: all(6000),
  signed: all(6000),
  aligned: all(6000),
  oneClick: all(6000),
  wellFormed: all(6000),
  complaints: { kind: "told", lower: 0.0005, upper: 0.0006, days: 20 },
};
const right: SenderFacts = {
  domain: "a.example",
  spf: { isRight: true, sentence: "All name servers agree." },
  dkim: { isRight: true, sentence: "All name servers agree." },
  dmarc: { isRight: true, sentence: "All name servers agree." },
  keyBits: 2048,
  hostProblems: [],
  providers: { gmail: bulk, yahoo: bulk, outlook: bulk, apple: bulk },
};
const withOwn = (own: Partial<ProviderFacts>): SenderFacts => ({
  ...right,
  providers: { gmail: { ...bulk, ...own }, yahoo: bulk, outlook: bulk, apple: bulk },
});
const ruleOf = (facts: SenderFacts, rule: SenderRule, provider: RuledProvider = "gmail") =>
  judgeSender(facts)
    .find((judged) => judged.provider === provider)
    ?.rules.find((judged) => judged.rule === rule);

test("a key of the least size is taken, and told as less than what is advised", () => {
  expect(ruleOf({ ...right, keyBits: 1024 }, "key-size")).toMatchObject({
    state: "near-limit",
    measured: { kind: "key-bits", bits: 1024 },
  });
  expect(ruleOf({ ...right, keyBits: 1023 }, "key-size")?.state).toBe("not-met");
});

test("a way to unsubscribe that nobody here can see is said to be not measured", () => {
  const apple = { ...bulk, oneClick: { count: 0, of: 400 } };
  const facts = { ...right, providers: { ...right.providers, apple } };
  expect(ruleOf(facts, "unsubscribe", "apple")).toMatchObject({
    state: "not-enough-data",
    measured: { kind: "unmeasured", why: "no-link-seen" },
  });
  expect(ruleOf(right, "unsubscribe", "apple")?.state).toBe("met");
});

test("a sender who does all of it meets every rule of every provider", () => {
  for (const { provider, isBulk, rules } of judgeSender(right)) {
    expect(isBulk).toBe(true);
    expect(rules.map(({ rule }) => rule).sort()).toEqual(Object.keys(providerRules[provider].asks).sort());
    expect(rules.filter(({ state }) => state !== "met")).toEqual([]);
  }
});

const record = { isRight: false, sentence: "No name server has it." };
test.each<[SenderRule, SenderFacts]>([
  ["spf", { ...right, spf: record }],
  ["dkim", { ...right, dkim: record }],
  ["dkim", withOwn({ signed: { count: 100, of: 6000 } })],
  ["spf-or-dkim", { ...right, spf: record, dkim: record }],
  ["key-size", { ...right, keyBits: 512 }],
  ["dmarc", { ...right, dmarc: record }],
  ["alignment", withOwn({ aligned: { count: 5000, of: 6000 } })],
  ["reverse-name", { ...right, hostProblems: [{ serverId: "s", sentence: "It leads back to no name." }] }],
  ["tls", withOwn({ overTls: { count: 1000, of: 6000 } })],
  ["one-click", withOwn({ oneClick: { count: 0, of: 400 } })],
  ["format", withOwn({ wellFormed: { count: 5000, of: 6000 } })],
  ["own-from", { ...right, domain: "gmail.com" }],
  ["complaints", withOwn({ complaints: { kind: "passed-on", count: 60, of: 6000 } })],
  ["complaints", withOwn({ complaints: { kind: "told", lower: 0.003, upper: 0.004, days: 1 } })],
])("%s is not met by who does not do it, and what was measured says so", (rule, facts) => {
  expect(ruleOf(facts, rule)).toMatchObject({
    state: "not-met",
    measured: { kind: expect.stringMatching(/^(record|share|told|key-bits|host-problem|own-from)$/) },
  });
});

test.each<[SenderRule, SenderFacts, string]>([
  ["spf", { ...right, spf: { isRight: null, sentence: "" } }, "unchecked"],
  ["key-size", { ...right, keyBits: null }, "no-key"],
  ["reverse-name", { ...right, hostProblems: null }, "unchecked"],
  ["tls", withOwn({ overTls: all(0) }), "no-mail"],
  ["one-click", withOwn({ oneClick: all(0) }), "no-bulk-mail"],
  ["complaints", withOwn({ complaints: null }), "no-feed"],
])("%s is open as long as nobody measured it", (rule, facts, why) => {
  expect(ruleOf(facts, rule)).toMatchObject({
    state: "not-enough-data",
    measured: { kind: "unmeasured", why },
  });
});

describe("who is a bulk sender", () => {
  const at = (messages: number) => withOwn({ peak: { messages, day } });
  test("is told by the day with most messages, and below that the rules for bulk do not apply", () => {
    expect(ruleOf(at(5000), "dmarc")).toMatchObject({ state: "met" });
    expect(ruleOf({ ...at(4999), dmarc: record }, "dmarc")).toMatchObject({
      state: "does-not-apply",
      measured: { kind: "record" },
    });
    expect(ruleOf({ ...at(4999), spf: record, dkim: record }, "spf-or-dkim")?.state).toBe("not-met");
  });
  test("is anybody where the provider names no number, but nobody who never sent there", () => {
    const toYahoo = (peak: ProviderFacts["peak"]) => ({
      ...right,
      dmarc: record,
      providers: { ...right.providers, yahoo: { ...bulk, peak } },
    });
    expect(ruleOf(toYahoo({ messages: 1, day }), "dmarc", "yahoo")?.state).toBe("not-met");
    expect(ruleOf(toYahoo(null), "dmarc", "yahoo")?.state).toBe("does-not-apply");
  });
});

test("SPF alone is enough for who sends little", () => {
  expect(ruleOf({ ...right, dkim: record }, "spf-or-dkim")?.state).toBe("met");
});

test("few messages settle nothing, and more of the same kind never turn a rule that is met into one that is not", () => {
  expect(ruleOf(withOwn({ aligned: all(20) }), "alignment")?.state).toBe("not-enough-data");
  expect(ruleOf(withOwn({ aligned: { count: 1, of: 3 } }), "alignment")?.state).toBe("not-met");
  fc.assert(
    fc.property(fc.nat(2000), fc.nat(2000), fc.integer({ min: 2, max: 20 }), (count, missing, factor) => {
      const part = { count, of: count + missing };
      const more = { count: count * factor, of: part.of * factor };
      const [before, after] = [part, more].map(
        (aligned) => ruleOf(withOwn({ aligned }), "alignment")?.state ?? "",
      );
      if (before === "met" || before === "not-met") expect(after).toBe(before);
    }),
  );
});

test.each<[object, string]>([
  [{ kind: "passed-on", count: 120, of: 60_000 }, "near-limit"],
  [{ kind: "told", lower: 0.001, upper: 0.002, days: 9 }, "near-limit"],
  [{ kind: "told", lower: 0.0009, upper: 0.0011, days: 9 }, "met"],
  [{ kind: "passed-on", count: 1, of: 60_000 }, "met"],
])(
  "complaints between 0.1 and 0.3 in a hundred keep the rule and are near its limit: %j",
  (complaints, state) => {
    expect(ruleOf(withOwn({ complaints: complaints as never }), "complaints")?.state).toBe(state);
  },
);

test("complaints about a share that a provider tells only roughly are no verdict", () => {
  const roughly = withOwn({ complaints: { kind: "told", lower: 0.001, upper: 0.004, days: 3 } });
  expect(ruleOf(roughly, "complaints")?.state).toBe("not-enough-data");
});

test("each provider has a page of its own that says its rules", () => {
  const sources = ruledProviders.map((provider) => providerRules[provider].source);
  expect(new Set(sources).size).toBe(ruledProviders.length);
  for (const source of sources) expect(new URL(source).protocol).toBe("https:");
});
