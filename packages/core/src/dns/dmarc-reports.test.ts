import { describe, expect, it } from "vitest";
import { askReportConsent, reportReceivers } from "./dmarc-reports.ts";
import { answerLookups } from "./dns-lookup.ts";
import { judgeRecord } from "./judge-record.ts";
import { planRecords } from "./plan-records.ts";

async function ask(domain: string, record: string, zone: Record<string, string> = {}) {
  const asked: string[] = [];
  const consents = await answerLookups(askReportConsent(domain, record), async ({ name }) => {
    asked.push(name);
    const value = zone[name];
    if (value === "TIMEOUT") return { kind: "failed", problem: "no answer" };
    return value === undefined ? { kind: "none" } : { kind: "found", values: [value] };
  });
  return { asked, consents };
}

describe("those who get a domain's DMARC reports must agree to it", () => {
  it("the domains of all report addresses are found, each once and without its size limit", () => {
    expect(
      reportReceivers(
        "v=DMARC1; p=none; rua=mailto:a@B.example!10m, mailto:c@b.example,https://x.example/; ruf=mailto:f@d.example",
      ),
    ).toEqual(["b.example", "d.example"]);
  });

  const record = "v=DMARC1; p=reject; rua=mailto:d@reports.b.example";

  it.each<[string, Record<string, string>, string[]]>([
    ["agrees", { "a.example._report._dmarc.reports.b.example": "v=DMARC1;" }, ["given"]],
    ["agrees for all", { "a.example._report._dmarc.reports.b.example": "v=DMARC1" }, ["given"]],
    ["says nothing", {}, ["missing"]],
    ["says something else", { "a.example._report._dmarc.reports.b.example": "hello" }, ["missing"]],
    ["cannot be asked", { "a.example._report._dmarc.reports.b.example": "TIMEOUT" }, ["unknown"]],
  ])("another domain that %s: %j is %j", async (_title, zone, kinds) => {
    expect((await ask("a.example", record, zone)).consents.map(({ kind }) => kind)).toEqual(kinds);
  });

  it.each([
    ["a.example", "v=DMARC1; rua=mailto:d@a.example"],
    ["a.example", "v=DMARC1; rua=mailto:d@reports.a.example"],
    ["sub.a.example", "v=DMARC1; rua=mailto:d@a.example"],
    ["a.example", "v=DMARC1; p=reject"],
    ["a.example", "v=DMARC1; rua=https://b.example/"],
  ])("%s need not ask for %s", async (domain, one) => {
    expect(await ask(domain, one)).toEqual({ asked: [], consents: [] });
  });

  it("two names of one organisation need not ask each other", async () => {
    const zone = { "_dmarc.a.example": "v=DMARC1; p=reject" };
    const { consents } = await ask("mail.a.example", "v=DMARC1; rua=mailto:d@reports.a.example", zone);
    expect(consents).toEqual([]);
    const suffix = { "_dmarc.bank": "v=DMARC1; p=reject; psd=y" };
    expect((await ask("a.bank", "v=DMARC1; rua=mailto:d@b.bank", suffix)).consents).toMatchObject([
      { kind: "missing", receiver: "b.bank" },
    ]);
  });

  it("no record makes it ask without end", async () => {
    const receivers = Array.from({ length: 500 }, (_, index) => `mailto:d@r${index}.example`).join(",");
    expect((await ask("a.test", `v=DMARC1; rua=${receivers}`)).asked.length).toBeLessThan(60);
  });

  it("who has not agreed is named, with the record that they would publish", async () => {
    const { consents } = await ask("a.example", record);
    const planned = planRecords({ domain: "a.example", servers: [], dkimKeys: [] }).find(
      ({ purpose }) => purpose === "dmarc",
    );
    if (planned === undefined) throw new Error("no DMARC record is planned");
    const answer = {
      nameServer: "ns1.example",
      address: "192.0.2.53",
      kind: "answered",
      values: [record],
    } as const;
    expect(judgeRecord(planned, [answer], { reportConsent: consents })).toMatchObject({
      kind: "attention",
      sentence: expect.stringContaining("reports.b.example has not agreed"),
      evidence: ['a.example._report._dmarc.reports.b.example. IN TXT "v=DMARC1;"'],
    });
  });
});
