import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answerLookups, type DnsLookup, type DnsLookupAnswer } from "./dns-lookup.ts";
import { evaluateSpf, spfLimits } from "./evaluate-spf.ts";
import { flattenSpf } from "./flatten-spf.ts";
import { countSpfCost, spfCostLookupsMax, spfCostProblem } from "./spf-cost.ts";

type Zone = Record<string, readonly string[]>;

/** Answers from lines like "MX 10 mail.a.example" under each name. */
const answerFrom =
  (zone: Zone) =>
  async ({ name, type }: DnsLookup): Promise<DnsLookupAnswer> => {
    const records = zone[name] ?? [];
    if (records.includes("TIMEOUT")) return { kind: "failed", problem: `${name} did not answer` };
    const values = records
      .filter((one) => one.startsWith(`${type} `))
      .map((one) => one.slice(type.length + 1));
    return values.length === 0 ? { kind: "none" } : { kind: "found", values };
  };

const mailHost: Zone = {
  "a.example": ["MX 10 mail.a.example"],
  "mail.a.example": ["A 198.51.100.11", "AAAA 2001:db8:51::b"],
};
const big: Zone = {
  "big.example": ["TXT v=spf1 include:one.example include:two.example ~all"],
  "one.example": ["TXT v=spf1 ip4:192.0.2.0/25 ?all"],
  "two.example": ["TXT v=spf1 ip4:192.0.2.128/25 a:mail.a.example -all"],
};
const count = (record: string, zone: Zone = { ...mailHost, ...big }) =>
  answerLookups(countSpfCost("a.example", record), answerFrom(zone));

describe("what an SPF record costs is counted before it is published", () => {
  it("with all that it includes", async () => {
    const cost = await count("v=spf1 mx include:big.example ip4:192.0.2.1 -all");
    expect(cost).toEqual({
      lookups: 5,
      voidLookups: 0,
      problem: null,
      terms: [
        { term: "mx", lookups: 1 },
        { term: "include:big.example", lookups: 4 },
        { term: "ip4:192.0.2.1", lookups: 0 },
        { term: "-all", lookups: 0 },
      ],
    });
    expect(spfCostProblem(cost)).toBeNull();
  });

  it("a record of 12 look-ups is told, with the terms that cost them", async () => {
    const cost = await count("v=spf1 include:big.example include:big.example include:big.example -all");
    expect(cost.lookups).toBe(12);
    expect(spfCostProblem(cost)).toBe(
      "This SPF record needs 12 look-ups and receivers make no more than 10, so SPF would fail: include:big.example (4), include:big.example (4), include:big.example (4). Have it flattened, or take senders out.",
    );
  });

  it("ten are still right, and a third that leads nowhere is not", async () => {
    expect(spfCostProblem(await count(`v=spf1 ${"mx ".repeat(10)}-all`))).toBeNull();
    const two = await count("v=spf1 a:x.example a:y.example -all");
    expect([two.voidLookups, spfCostProblem(two)]).toEqual([2, null]);
    const three = await count("v=spf1 a:x.example mx:y.example exists:z.example -all");
    expect(three.voidLookups).toBe(3);
    expect(spfCostProblem(three)).toContain("3 look-ups of this SPF record lead nowhere");
  });

  it.each<[string, Zone, string]>([
    ["v=spf1 include:nothing.example -all", {}, "nothing.example has no SPF record to include"],
    ["v=spf1 include:x.example -all", { "x.example": ["TXT v=spf1 -all", "TXT v=spf1 a"] }, "2 SPF records"],
    ["v=spf1 include:x.example -all", { "x.example": ["TXT v=spf1 ipv4:1"] }, "is not a term of SPF"],
    ["v=spf1 include:x.example -all", { "x.example": ["TIMEOUT"] }, "x.example did not answer"],
    ["v=spf1 mx redirect=x.example", { "x.example": ["TXT hello"] }, "x.example has no SPF record"],
    ["v=spf1 mxx -all", {}, "is not a term of SPF"],
  ])("%s over %j cannot be evaluated: %s", async (record, zone, problem) => {
    expect(spfCostProblem(await count(record, { ...mailHost, ...zone }))).toContain(problem);
  });

  it("a record that includes itself is counted to an end", async () => {
    const cost = await count("v=spf1 include:loop.example -all", {
      "loop.example": ["TXT v=spf1 include:loop.example include:loop.example -all"],
    });
    expect(cost.lookups).toBeGreaterThan(spfCostLookupsMax);
    expect(spfCostProblem(cost)).toContain(`more than ${spfCostLookupsMax}`);
  });

  it("no sender meets more look-ups than are counted", async () => {
    const term = fc.constantFrom(
      "mx",
      "a",
      "include:big.example",
      "include:one.example",
      "exists:x.example",
      "ptr",
    );
    await fc.assert(
      fc.asyncProperty(fc.array(term, { maxLength: 6 }), async (terms) => {
        const record = `v=spf1 ${terms.join(" ")} -all`;
        const zone = { ...mailHost, ...big };
        const cost = await count(record, zone);
        const check = {
          address: "203.0.113.254",
          domain: "a.example",
          sender: "x@a.example",
          helo: "h.example",
        };
        const { lookups, problem } = await answerLookups(evaluateSpf({ ...check, record }), answerFrom(zone));
        expect(lookups).toBeLessThanOrEqual(Math.max(cost.lookups, spfLimits.lookups + 1));
        if (problem === null) expect(lookups).toBe(cost.lookups);
      }),
    );
  });
});

describe("a record is flattened for who asks for it", () => {
  const flatten = (record: string, zone: Zone = { ...mailHost, ...big }) =>
    answerLookups(flattenSpf("a.example", record), answerFrom(zone));

  it("into the addresses that its names lead to, which then cost nothing", async () => {
    const flat = await flatten("v=spf1 mx/24 ~a:mail.a.example include:big.example -all");
    expect(flat).toEqual({
      kind: "flattened",
      record:
        "v=spf1 ip4:198.51.100.11/24 ip6:2001:db8:51::b ~ip4:198.51.100.11 ~ip6:2001:db8:51::b ip4:192.0.2.0/25 ip4:192.0.2.128/25 ip4:198.51.100.11 -all",
      caution: null,
    });
    expect((await count(flat.kind === "flattened" ? flat.record : "")).lookups).toBe(0);
  });

  it("a redirect brings its own end", async () => {
    expect(await flatten("v=spf1 mx redirect=one.example")).toMatchObject({
      record: "v=spf1 ip4:198.51.100.11 ip6:2001:db8:51::b ip4:192.0.2.0/25 ?all",
    });
  });

  it("a long one is told", async () => {
    const addresses = Array.from({ length: 40 }, (_, index) => `A 198.51.100.${index}`);
    expect(await flatten("v=spf1 a:many.example -all", { "many.example": addresses })).toMatchObject({
      caution: expect.stringContaining("octets long"),
    });
  });

  it.each<[string, Zone, string]>([
    ["v=spf1 exists:%{i}.x.example -all", {}, "depends on the message"],
    ["v=spf1 ptr -all", {}, "depends on who connects"],
    ["v=spf1 include:x.example -all", { "x.example": ["TXT v=spf1 +all"] }, "lets the whole world send"],
    [
      "v=spf1 include:x.example -all",
      { "x.example": ["TXT v=spf1 -ip4:192.0.2.1 ip4:192.0.2.0/24"] },
      "leaves out",
    ],
    ["v=spf1 include:x.example -all", { "x.example": ["TXT v=spf1 include:x.example"] }, "deep"],
    ["v=spf1 a:x.example -all", { "x.example": ["TIMEOUT"] }, "did not answer"],
  ])("%s over %j cannot be: %s", async (record, zone, why) => {
    expect(await flatten(record, zone)).toEqual({ kind: "impossible", why: expect.stringContaining(why) });
  });
});
