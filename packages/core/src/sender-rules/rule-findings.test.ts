import fc from "fast-check";
import { expect, test } from "vitest";
import { findingDetailsSchema } from "../findings/index.ts";
import { findingsOfRules, judgeSender, type ProviderFacts, type SenderFacts, senderRules } from "./index.ts";

const day = Date.parse("2026-11-20T00:00:00Z");
const all = (of: number) => ({ count: of, of });
const bulk: ProviderFacts = {
  peak: { messages: 6000, day },
  overTls: all(6000),
  signed: all(6000),
  aligned: all(6000),
  oneClick: all(6000),
  wellFormed: all(6000),
  complaints: null,
};
const few: ProviderFacts = { ...bulk, peak: { messages: 40, day } };
const right = { isRight: true, sentence: "All name servers agree." };
const missing = { isRight: false, sentence: "No name server has it." };
const facts = (changes: Partial<SenderFacts>, own: Partial<SenderFacts["providers"]> = {}): SenderFacts => ({
  domain: "a.example",
  spf: right,
  dkim: right,
  dmarc: right,
  keyBits: 2048,
  hostProblems: [],
  ...changes,
  providers: { gmail: bulk, yahoo: few, outlook: few, apple: few, ...own },
});
const look = (seen: SenderFacts) => findingsOfRules("a.example", judgeSender(seen));
const keys = (seen: SenderFacts) => look(seen).found.map(({ key }) => key);

test("a bulk sender that does not keep a rule hears which, at whom, by what, and what to do", () => {
  const { found } = look(facts({ dmarc: missing }, { outlook: bulk }));
  expect(found).toMatchObject([
    {
      key: "rules-dmarc",
      severity: "error",
      sentence:
        "a.example sends much mail to Gmail and Outlook.com and does not keep their rule: there must be a DMARC record.",
      details: { provider: null, owner: "us-configuration", fix: { measure: null } },
    },
  ]);
  expect(found[0]?.details.evidence).toEqual([
    "Gmail: No name server has it.",
    "Gmail: 6000 messages on 20 November 2026, the most of any day",
    "Gmail says so on https://support.google.com/a/answer/81126",
    "Outlook.com: No name server has it.",
    "Outlook.com: 6000 messages on 20 November 2026, the most of any day",
    "Outlook.com says so on https://sendersupport.olc.protection.outlook.com/pm/policies.aspx",
  ]);
  expect(findingDetailsSchema.parse(found[0]?.details)).toEqual(found[0]?.details);
});

test("who sends little has no finding, also where a provider names no number", () => {
  expect(keys(facts({ spf: missing, dkim: missing, dmarc: missing }, { gmail: few }))).toEqual([]);
});

test("both proofs are told once each, and not a third time for the rule that asks for one of them", () => {
  expect(keys(facts({ spf: missing, dkim: missing }))).toEqual(["rules-spf", "rules-dkim"]);
});

test("complaints that a feed tells are a finding of the feed", () => {
  const told = { kind: "told", lower: 0.01, upper: 0.02, days: 3 } as const;
  const passedOn = { kind: "passed-on", count: 90, of: 6000 } as const;
  expect(keys(facts({}, { gmail: { ...bulk, complaints: told } }))).toEqual([]);
  expect(look(facts({}, { gmail: { ...bulk, complaints: passedOn } })).found).toMatchObject([
    { key: "rules-complaints", severity: "warning", details: { provider: "gmail", owner: "us-behaviour" } },
  ]);
});

test("a share that opened a finding closes it only once it is within the limit for certain", () => {
  const signs = (count: number, of = 6000) => look(facts({}, { gmail: { ...bulk, aligned: { count, of } } }));
  expect(signs(5000).found).toHaveLength(1);
  expect(signs(5700)).toMatchObject({ found: [], unsettled: expect.arrayContaining(["rules-alignment"]) });
  expect(signs(5990).unsettled).not.toContain("rules-alignment");
});

test("a rule is never both broken and unsettled, and what is kept everywhere is neither", () => {
  const record = fc.constantFrom(right, missing, { isRight: null, sentence: "" });
  const part = fc
    .tuple(fc.nat(6000), fc.nat(6000))
    .map(([a, b]) => ({ count: Math.min(a, b), of: Math.max(a, b) }));
  fc.assert(
    fc.property(record, record, record, part, (spf, dkim, dmarc, aligned) => {
      const { found, unsettled } = look(facts({ spf, dkim, dmarc }, { gmail: { ...bulk, aligned } }));
      const open = found.map(({ key }) => key);
      expect(open.filter((key) => unsettled.includes(key))).toEqual([]);
      expect(open.includes("rules-dmarc")).toBe(dmarc === missing);
      expect(new Set(open).size).toBe(open.length);
      expect(open.length).toBeLessThanOrEqual(senderRules.length);
    }),
  );
});
