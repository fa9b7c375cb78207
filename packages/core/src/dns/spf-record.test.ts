import { describe, expect, it } from "vitest";
import { answerLookups } from "./dns-lookup.ts";
import { evaluateSpf } from "./evaluate-spf.ts";
import { judgeRecord } from "./judge-record.ts";
import { planRecords } from "./plan-records.ts";
import type { RecordPurpose } from "./planned-record.ts";
import { strangerAddress } from "./spf-record.ts";

const planned = planRecords({
  domain: "a.example",
  servers: [{ hostname: "mail.a.example", ipAddresses: ["198.51.100.11", "2001:db8:51::b"] }],
  dkimKeys: [],
});

/** The names that the records of these tests lead to. */
const known: Record<string, string[]> = {
  "MX a.example": ["10 mail.a.example."],
  "A mail.a.example": ["198.51.100.11"],
  "AAAA mail.a.example": ["2001:db8:51::b"],
  "TXT _spf.google.com": ["v=spf1 ip4:35.190.247.0/24 ~all"],
  "TXT open.example": ["v=spf1 +all"],
};

async function judge(purpose: RecordPurpose, values: string[], isMxPublished = true) {
  const record = planned.find((one) => one.purpose === purpose);
  if (record === undefined) throw new Error(`no ${purpose} record is planned`);
  const [ipv4, ipv6, stranger] = await Promise.all(
    ["198.51.100.11", "2001:db8:51::b", strangerAddress].map((address) =>
      answerLookups(
        evaluateSpf({
          address,
          domain: record.name,
          sender: `postmaster@${record.name}`,
          helo: "mail.a.example",
          record: values[0] ?? "",
        }),
        async ({ name, type }) => {
          if (name === "silent.example") return { kind: "failed", problem: "silent.example did not answer" };
          const found = isMxPublished || type !== "MX" ? known[`${type} ${name}`] : undefined;
          return found === undefined ? { kind: "none" } : { kind: "found", values: found };
        },
      ),
    ),
  );
  if (ipv4 === undefined || ipv6 === undefined || stranger === undefined) throw new Error("not evaluated");
  const evaluated = { record: values[0] ?? "", evaluations: [ipv4, ipv6], stranger, isRelayed: false };
  const answers = [{ nameServer: "ns1.example", address: "192.0.2.53", kind: "answered", values } as const];
  return judgeRecord(record, answers, { spf: [evaluated] });
}

describe("SPF is right when every address of the servers passes", () => {
  it.each<[RecordPurpose, string, string, string]>([
    ["spf", "v=spf1 mx -all", "ok", "agrees"],
    ["spf", "v=spf1 mx include:_spf.google.com ~all", "ok", "agrees"],
    [
      "spf",
      "v=spf1 include:_spf.google.com ~all",
      "different",
      "198.51.100.11 does not pass SPF (softfail: ~all",
    ],
    ["spf", "v=spf1 ip4:192.0.2.1 -all", "different", "198.51.100.11 does not pass SPF (fail: -all"],
    ["spf", "v=spf1 ip4:198.51.100.11 -all", "different", "2001:db8:51::b does not pass"],
    ["spf", "v=spf1 ip4:198.51.100.11 ip6:2001:db8:51::b -all", "ok", "agrees"],
    ["spf", "v=spf1 mx include:open.example -all", "different", "the whole world"],
    ["spf", "v=spf1 mx ip4:0.0.0.0/0 -all", "different", "the whole world"],
    ["spf", "v=spf1 mx include:nothing.example -all", "attention", "Your servers pass, but"],
    ["spf", `v=spf1 mx ${"a:mail.a.example ".repeat(10)}-all`, "attention", "more than 10 look-ups"],
    ["spf", "v=spf1 include:open.example -all", "different", "the whole world"],
    ["spf", "v=spf1 mx +all", "different", "the whole world"],
    ["spf", "v=spf1 mx", "attention", "protects nothing"],
    ["spf", "v=spf1 mx ?all", "attention", "protects nothing"],
    ["spf", "v=spf1 -all", "different", "does not pass"],
    ["spf", "v=spf1 mx alll", "different", '"alll" is not a term of SPF'],
    [
      "spf",
      "v=spf1 include:nothing.example mx -all",
      "different",
      "nothing.example has no SPF record to include",
    ],
    ["spf", "v=spf1 include:silent.example mx -all", "unanswered", "silent.example did not answer"],
    ["host-spf", "v=spf1 a -all", "ok", "agrees"],
    ["host-spf", "v=spf1 mx:a.example -all", "ok", "agrees"],
    ["host-spf", "v=spf1 mx -all", "different", "does not pass"],
    ["host-spf", "v=spf1 -all", "different", "does not pass"],
  ])("%s %s is %s: %s", async (purpose, value, kind, sentence) => {
    const verdict = await judge(purpose, [value]);
    expect(verdict.kind).toBe(kind);
    expect(verdict.sentence).toContain(sentence);
  });

  it("two records make SPF fail, whatever they say", async () => {
    expect(await judge("spf", ["v=spf1 mx -all", "v=spf1 a -all"])).toMatchObject({ kind: "different" });
  });

  it("the ready record keeps those who may send already", async () => {
    expect((await judge("spf", ["v=spf1 include:_spf.google.com ~all"])).readyValue).toBe(
      "v=spf1 mx include:_spf.google.com ~all",
    );
  });

  it("the planned record is not to blame for the records that it leads to", async () => {
    for (const value of ["v=spf1 mx -all", "v=spf1 include:_spf.google.com mx ~all"])
      expect(await judge("spf", [value], false)).toMatchObject({
        kind: "attention",
        sentence: expect.stringContaining("This record is right"),
      });
  });

  it("each address and what it cost is evidence", async () => {
    expect((await judge("spf", ["v=spf1 mx -all"])).evidence).toEqual([
      "198.51.100.11: pass (mx; 1 of 10 look-ups, 0 of 2 in vain)",
      "2001:db8:51::b: pass (mx; 1 of 10 look-ups, 0 of 2 in vain)",
    ]);
  });

  it("nothing is said of mail that leaves through a smarthost", () => {
    const record = planned.find(({ purpose }) => purpose === "spf");
    if (record === undefined) throw new Error("no SPF record is planned");
    for (const value of [record.value, "v=spf1 include:relay.example -all"]) {
      const answers = [
        { nameServer: "ns1.example", address: "192.0.2.53", kind: "answered", values: [value] },
      ] as const;
      const spf = [{ record: value, evaluations: [], isRelayed: true }];
      expect(judgeRecord(record, answers, { spf }).kind).toBe("unanswered");
    }
  });

  it("a record that is not ours is not called right while no sender is known", () => {
    const record = planned.find(({ purpose }) => purpose === "spf");
    if (record === undefined) throw new Error("no SPF record is planned");
    const answers = [{ nameServer: "ns1.example", address: "192.0.2.53", kind: "answered" } as const];
    const saying = (value: string) =>
      judgeRecord(
        record,
        answers.map((one) => ({ ...one, values: [value] })),
      );
    expect(saying("v=spf1 include:_spf.google.com ~all").kind).toBe("unanswered");
    expect(saying(record.value).kind).toBe("ok");
  });
});
