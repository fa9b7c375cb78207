import { expect, test } from "vitest";
import { judgeRecord } from "./judge-record.ts";
import { planRecords } from "./plan-records.ts";
import type { PlannedRecord } from "./planned-record.ts";
import type { RecordPlanInput } from "./record-plan-input.ts";

const address = "mailstead-reports@mail.msp.example";
const plan = (changes: Partial<RecordPlanInput> = {}) =>
  planRecords({
    domain: "a.example",
    servers: [{ hostname: "mail.msp.example", ipAddresses: ["192.0.2.1"] }],
    dkimKeys: [],
    reportMailbox: { address, takesFailures: false },
    ...changes,
  });
const of = (records: readonly PlannedRecord[], purpose: PlannedRecord["purpose"]) =>
  records.filter((record) => record.purpose === purpose);
const answered = (...values: string[]) => [
  { nameServer: "ns.example", address: "192.0.2.53", kind: "answered" as const, values },
];

test("reports come to the host, besides the addresses that the customer gave", () => {
  const records = plan({ dmarc: { reportsTo: ["d@a.example"] }, tlsReportsTo: ["https://x.example/r"] });
  expect(of(records, "dmarc")[0]?.value).toBe(
    `v=DMARC1; p=quarantine; rua=mailto:d@a.example,mailto:${address}`,
  );
  expect(of(records, "tls-rpt")[0]?.value).toBe(`v=TLSRPTv1; rua=https://x.example/r,mailto:${address}`);
});

test("reports on single messages come only where somebody asked for them", () => {
  expect(of(plan(), "dmarc")[0]?.value).not.toContain("ruf=");
  const asked = plan({ reportMailbox: { address, takesFailures: true } });
  expect(of(asked, "dmarc")[0]?.value).toContain(`; ruf=mailto:${address}; fo=1`);
});

test("a host of another name agrees to take them; its own and those below it need no consent", () => {
  expect(of(plan(), "report-consent")).toMatchObject([
    { name: "a.example._report._dmarc.mail.msp.example", value: "v=DMARC1;", publishedAt: "host-dns" },
  ]);
  for (const domain of ["msp.example", "mail.msp.example", "x.mail.msp.example"])
    expect(of(plan({ domain }), "report-consent")).toEqual([]);
  const without = planRecords({ domain: "a.example", servers: [], dkimKeys: [] });
  expect(of(without, "report-consent")).toEqual([]);
});

test("consent is judged by what receivers ask for", () => {
  const [record] = of(plan(), "report-consent");
  if (record === undefined) throw new Error("not planned");
  const missing = [{ kind: "missing" as const, receiver: "mail.msp.example", readyLine: "" }];
  const judge = (values: string[], reportConsent = missing) =>
    judgeRecord(record, answered(...values), { reportConsent }).kind;
  expect(judge(["v=DMARC1"])).toBe("ok");
  expect(judge([])).toBe("missing");
  expect(judge(["hello"])).toBe("different");
  // One organisation needs none.
  expect(judge([], [])).toBe("ok");
});

test("a DMARC record of somebody's own that sends no reports here protects all the same, and says so", () => {
  const [record] = of(plan(), "dmarc");
  if (record === undefined) throw new Error("not planned");
  expect(judgeRecord(record, answered("v=DMARC1; p=reject; rua=mailto:x@a.example"))).toMatchObject({
    kind: "ok",
    sentence: expect.stringContaining(address),
  });
  const sentence = judgeRecord(record, answered(`v=DMARC1; p=reject; rua=mailto:${address}!10m`)).sentence;
  expect(sentence).toBe("The name server agrees.");
});
