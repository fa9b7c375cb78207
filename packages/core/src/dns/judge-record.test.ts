import { describe, expect, it } from "vitest";
import { judgeRecord, type NameServerAnswer } from "./judge-record.ts";
import { planRecords } from "./plan-records.ts";
import type { PlannedRecord, RecordPurpose } from "./planned-record.ts";

const key = {
  domain: "alpha.example",
  selector: "ms202611a",
  algorithm: "rsa-2048",
  publicKey: "QUJD",
} as const;
const planned = planRecords({
  domain: "alpha.example",
  servers: [{ hostname: "mail.alpha.example", ipAddresses: ["198.51.100.11", "2001:db8:51::b"] }],
  dkimKeys: [key],
});

function plannedFor(purpose: RecordPurpose, type?: string): PlannedRecord {
  const record = planned.find((one) => one.purpose === purpose && (type === undefined || one.type === type));
  if (record === undefined) throw new Error(`no ${purpose} record is planned`);
  return record;
}

function saying(...values: string[]): NameServerAnswer {
  return { nameServer: "ns1.example", address: "198.51.100.2", kind: "answered", values };
}

describe("a record is judged by what it does, not by its letters", () => {
  it.each<[string, RecordPurpose, string[], string, string?]>([
    ["our host among several MX", "mx", ["20 other.example.", "10 MAIL.alpha.example."], "ok"],
    ["another host only", "mx", ["10 other.example."], "different"],
    ["no MX", "mx", [], "missing"],
    ["our SPF", "spf", ["unrelated", "v=spf1 mx -all"], "ok"],
    ["SPF by address", "spf", ["v=spf1 ip4:198.51.100.11 ~all"], "ok"],
    ["two SPF records", "spf", ["v=spf1 mx -all", "v=spf1 a -all"], "different"],
    ["SPF open to the world", "spf", ["v=spf1 +all"], "different"],
    ["SPF without an end", "spf", ["v=spf1 mx"], "different"],
    ["SPF that forbids all", "spf", ["v=spf1 -all"], "different"],
    ["a text that only begins like SPF", "spf", ["v=spf10 mx -all"], "missing"],
    ["our SPF of the host", "host-spf", ["v=spf1 a -all"], "ok"],
    ["SPF of the host by address", "host-spf", ["v=spf1 ip4:198.51.100.11 -all"], "ok"],
    ["SPF of the host by the MX of the domain", "host-spf", ["v=spf1 mx:alpha.example -all"], "ok"],
    ["SPF of the host by an MX that it has not", "host-spf", ["v=spf1 mx -all"], "different"],
    ["SPF of a host that sends nothing", "host-spf", ["v=spf1 -all"], "different"],
    ["no SPF of the host", "host-spf", ["hello"], "missing"],
    ["our key", "dkim", ["v=DKIM1; k=rsa; p=QUJD"], "ok"],
    ["our key without the optional tags", "dkim", ["p=QUJD"], "ok"],
    ["our key broken over lines", "dkim", ["v=DKIM1;k=rsa;p=QU JD"], "ok"],
    ["another key", "dkim", ["v=DKIM1; k=rsa; p=WFla"], "different"],
    ["a revoked key", "dkim", ["v=DKIM1; p="], "different"],
    ["a key in test mode", "dkim", ["v=DKIM1; t=y; p=QUJD"], "different"],
    ["two keys", "dkim", ["p=QUJD", "p=WFla"], "different"],
    ["a stricter DMARC policy", "dmarc", ["v=DMARC1; p=reject; rua=mailto:x@y.example"], "ok"],
    ["a DMARC record without policy", "dmarc", ["v=DMARC1"], "different"],
    ["two DMARC records", "dmarc", ["v=DMARC1; p=none", "v=DMARC1; p=none"], "different"],
    ["another text at the DMARC name", "dmarc", ["hello"], "different"],
    ["the same IPv6 address written long", "host-address", ["2001:0db8:0051:0:0:0:0:000b"], "ok", "AAAA"],
    ["another address", "host-address", ["198.51.100.99"], "different", "A"],
    ["the name with a final dot", "reverse", ["mail.alpha.example."], "ok"],
    ["a provider's generic name", "reverse", ["host-11.example.net."], "different"],
  ])("%s: %s %j is %s", (_title, purpose, values, kind, type) => {
    expect(judgeRecord(plannedFor(purpose, type), [saying(...values)]).kind).toBe(kind);
  });

  it("name servers that contradict each other are named", () => {
    const verdict = judgeRecord(plannedFor("mx"), [
      saying("10 mail.alpha.example."),
      { ...saying("10 old.example."), nameServer: "ns2.example" },
    ]);
    expect(verdict.kind).toBe("disagreeing");
    expect(verdict.sentence).toContain("ns2.example");
  });

  it("silence is unknown and never missing", () => {
    const verdict = judgeRecord(plannedFor("mx"), [
      { nameServer: "ns1.example", address: "198.51.100.2", kind: "failed", problem: "no answer within 2 s" },
    ]);
    expect(verdict.kind).toBe("unanswered");
  });
});
