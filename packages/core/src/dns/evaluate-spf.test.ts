import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answerLookups, type DnsLookup, type DnsLookupAnswer } from "./dns-lookup.ts";
import { evaluateSpf, type SpfEvaluation, spfLimits } from "./evaluate-spf.ts";

/** What a name server knows: names with their records, as "TXT text", "A address", "MX preference host". */
type Zone = Record<string, readonly string[]>;

function answerFrom(zone: Zone): (lookup: DnsLookup) => Promise<DnsLookupAnswer> {
  const names = new Map(Object.entries(zone).map(([name, records]) => [name.toLowerCase(), records]));
  return async ({ name, type }) => {
    const records = names.get(name.toLowerCase()) ?? [];
    const values = records.flatMap((record) =>
      record.startsWith(`${type} `) ? [record.slice(type.length + 1)] : [],
    );
    if (values.length > 0) return { kind: "found", values };
    return records.includes("TIMEOUT") ? { kind: "failed", problem: "no answer" } : { kind: "none" };
  };
}

function evaluate(zone: Zone, changed: { address?: string; record?: string } = {}): Promise<SpfEvaluation> {
  const { address = "198.51.100.11", record } = changed;
  const check = { address, domain: "a.example", sender: "postmaster@a.example", helo: "mail.a.example" };
  return answerLookups(evaluateSpf(record === undefined ? check : { ...check, record }), answerFrom(zone));
}

const mailHost: Zone = {
  "a.example": ["MX 10 mail.a.example."],
  "mail.a.example": ["A 198.51.100.11", "AAAA 2001:db8:51::b"],
};

describe("an address is evaluated as receivers do", () => {
  it.each<[string, string, string, string[]]>([
    ["v=spf1 mx -all", "198.51.100.11", "pass", ["mx"]],
    ["v=spf1 mx -all", "2001:db8:51::b", "pass", ["mx"]],
    ["v=spf1 mx -all", "198.51.100.12", "fail", ["-all"]],
    ["v=spf1 ip4:192.0.2.1 -all", "198.51.100.11", "fail", ["-all"]],
    ["v=spf1 a:mail.a.example/24 ~all", "198.51.100.200", "pass", ["a:mail.a.example/24"]],
    ["v=spf1 ip6:2001:db8:51::/48 -all", "2001:db8:51::b", "pass", ["ip6:2001:db8:51::/48"]],
    ["v=spf1 ip4:198.51.100.11", "198.51.100.12", "neutral", []],
    ["v=spf1 include:big.example ~all", "198.51.100.11", "softfail", ["~all"]],
    ["v=spf1 include:big.example ~all", "192.0.2.7", "pass", ["include:big.example", "ip4:192.0.2.0/24"]],
    ["v=spf1 redirect=big.example", "192.0.2.7", "pass", ["redirect=big.example", "ip4:192.0.2.0/24"]],
  ])("%s for %s is %s by %j", async (record, address, result, path) => {
    const zone = { ...mailHost, "big.example": ["TXT v=spf1 ip4:192.0.2.0/24 -all"] };
    expect(await evaluate(zone, { record, address })).toMatchObject({ result, path, problem: null });
  });

  it.each<[string, string, string]>([
    ["v=spf1 include:nothing.example -all", "permerror", "nothing.example has no SPF record to include"],
    ["v=spf1 redirect=nothing.example", "permerror", "nothing.example has no SPF record to redirect to"],
    ["v=spf1 mx ipv4:192.0.2.1 -all", "permerror", '"ipv4:192.0.2.1" is not a term of SPF'],
    ["v=spf1 include:two.example -all", "permerror", "two.example has 2 SPF records instead of one"],
    [
      "v=spf1 a:x.example a:y.example a:z.example -all",
      "permerror",
      "more than 2 of its look-ups lead nowhere",
    ],
    ["v=spf1 include:silent.example -all", "temperror", "no answer"],
    ["v=spf1 include:loop.example -all", "permerror", "it needs more than 10 look-ups"],
  ])("%s is a %s because %s", async (record, result, problem) => {
    const zone = {
      ...mailHost,
      "two.example": ["TXT v=spf1 -all", "TXT v=spf1 a -all"],
      "loop.example": ["TXT v=spf1 include:loop.example -all"],
      "silent.example": ["TIMEOUT"],
    };
    expect(await evaluate(zone, { record })).toMatchObject({
      result,
      problem: expect.stringContaining(problem),
    });
  });

  it("the look-ups of includes count together, and the tenth is still allowed", async () => {
    const zone = { ...mailHost, "b.example": ["TXT v=spf1 a:mail.a.example/32 mx:a.example ?all"] };
    const record = `v=spf1 include:b.example -all`;
    expect(await evaluate(zone, { record, address: "198.51.100.12" })).toMatchObject({ lookups: 3 });
    const ten = `v=spf1 ${"a:mail.a.example ".repeat(9)}mx -all`;
    expect(await evaluate(zone, { record: ten, address: "198.51.100.12" })).toMatchObject({
      result: "fail",
      lookups: 10,
    });
  });
});

describe("whatever stands in a zone", () => {
  const term = fc.oneof(
    fc.constantFrom(
      "a",
      "mx",
      "ptr",
      "-all",
      "?all",
      "a:%{d}",
      "exists:%{i}.a.example",
      "exists:%{p}.b.example",
    ),
    fc.constantFrom("include:a.example", "include:b.example", "redirect=b.example", "mx:b.example//64"),
    fc.string({ maxLength: 12 }),
  );
  const record = fc.array(term, { maxLength: 14 }).map((terms) => `TXT v=spf1 ${terms.join(" ")}`);

  it("a check ends, asks a bounded number of questions, and gives a reason for every error", async () => {
    await fc.assert(
      fc.asyncProperty(record, record, async (own, other) => {
        let questions = 0;
        const zone = { ...mailHost, "a.example": [own, "MX 10 mail.a.example."], "b.example": [other] };
        const answer = answerFrom(zone);
        const check = {
          address: "198.51.100.11",
          domain: "a.example",
          sender: "x@a.example",
          helo: "h.example",
        };
        const evaluation = await answerLookups(evaluateSpf(check), (lookup) => {
          questions += 1;
          return answer(lookup);
        });
        expect(questions).toBeLessThanOrEqual(1 + spfLimits.lookups * (2 + 2 * spfLimits.namesPerAnswer));
        expect(evaluation.problem === null).toBe(!evaluation.result.endsWith("error"));
      }),
    );
  });
});
