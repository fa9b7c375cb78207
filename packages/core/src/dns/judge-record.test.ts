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
    ["our host alone", "mx", ["10 MAIL.alpha.example."], "ok"],
    ["another host only", "mx", ["10 other.example."], "different"],
    ["no MX", "mx", [], "missing"],
    ["a text that only begins like SPF", "spf", ["v=spf10 mx -all"], "missing"],
    ["no SPF of the host", "host-spf", ["hello"], "missing"],
    ["our key", "dkim", ["v=DKIM1; k=rsa; p=QUJD"], "ok"],
    ["our key without the optional tags", "dkim", ["p=QUJD"], "ok"],
    ["our key broken over lines", "dkim", ["v=DKIM1;k=rsa;p=QU JD"], "ok"],
    [
      "our key with all that is allowed",
      "dkim",
      ["v=DKIM1; k=rsa; h=sha1:sha256; s=*; t=s; n=x; p=QUJD;"],
      "ok",
    ],
    ["another key", "dkim", ["v=DKIM1; k=rsa; p=WFla"], "different"],
    ["a key of another type", "dkim", ["v=DKIM1; k=ed25519; p=QUJD"], "different"],
    ["a key that forbids SHA-256", "dkim", ["v=DKIM1; h=sha1; p=QUJD"], "different"],
    ["a key that is not for mail", "dkim", ["v=DKIM1; s=tlsrpt; p=QUJD"], "different"],
    ["a revoked key", "dkim", ["v=DKIM1; p="], "different"],
    ["a key in test mode", "dkim", ["v=DKIM1; t=s:y; p=QUJD"], "different"],
    ["a version that does not stand first", "dkim", ["k=rsa; v=DKIM1; p=QUJD"], "different"],
    ["a tag twice", "dkim", ["v=DKIM1; p=QUJD; p=QUJD"], "different"],
    ["two keys", "dkim", ["p=QUJD", "p=WFla"], "different"],
    ["our key beside another text", "dkim", ["v=DKIM1; k=rsa; p=QUJD", "hello"], "different"],
    ["a wildcard's text at the key's name", "dkim", ["hello"], "different"],
    ["a stricter DMARC policy", "dmarc", ["v=DMARC1; p=reject; rua=mailto:x@y.example"], "ok"],
    ["a DMARC record without policy", "dmarc", ["v=DMARC1"], "different"],
    ["DMARC without policy but with reports", "dmarc", ["v=DMARC1; rua=mailto:x@y.example"], "attention"],
    ["DMARC with a wrong np and no reports", "dmarc", ["v=DMARC1; p=reject; np=rejct"], "different"],
    ["DMARC with tags that nobody knows", "dmarc", ["V = DMARC1 ;x=y;P=Reject;np=none;pct=20;"], "ok"],
    ["DMARC in small letters", "dmarc", ["v=dmarc1; p=reject"], "different"],
    ["DMARC that only watches", "dmarc", ["v=DMARC1; p=none"], "attention"],
    ["DMARC under test", "dmarc", ["v=DMARC1; p=quarantine; t=y"], "attention"],
    ["DMARC of a registry", "dmarc", ["v=DMARC1; p=reject; psd=y"], "attention"],
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

  it("a server that only names an alias says nothing of the value", () => {
    const alias: NameServerAnswer = {
      nameServer: "ns1.example",
      address: "198.51.100.2",
      kind: "alias",
      target: "key.other.example",
    };
    const target = { ...saying("v=DKIM1; k=rsa; p=QUJD"), nameServer: "ns.other.example" };
    expect(judgeRecord(plannedFor("dkim"), [alias, target]).kind).toBe("ok");
    expect(judgeRecord(plannedFor("dkim"), [alias])).toMatchObject({
      kind: "unanswered",
      sentence: "The name is an alias (CNAME) of key.other.example, which leads nowhere.",
    });
  });

  it("a name server counts once, however many addresses it was asked at", () => {
    const at = (nameServer: string, address: string, host = "mail.alpha.example.") => ({
      ...saying(`10 ${host}`),
      nameServer,
      address,
    });
    const silent = {
      nameServer: "ns2.example",
      address: "2001:db8::3",
      kind: "failed",
      problem: "-",
    } as const;
    const ns1 = [at("ns1.example", "198.51.100.2"), at("ns1.example", "2001:db8::2")];
    const sentenceOf = (...answers: NameServerAnswer[]) => judgeRecord(plannedFor("mx"), answers).sentence;
    expect(sentenceOf(...ns1)).toBe("The name server agrees.");
    expect(sentenceOf(...ns1, silent)).toMatch(/^1 of 2 name servers agree;/);
    const ns2 = at("ns2.example", "198.51.100.3");
    expect(sentenceOf(...ns1, ns2)).toBe("Both name servers agree.");
    expect(sentenceOf(...ns1, ns2, silent)).toMatch(/^Both name servers agree, though/);
    const late = [
      at("ns2.example", "198.51.100.3", "old.example."),
      at("ns2.example", "2001:db8::3", "old.example."),
    ];
    expect(sentenceOf(...ns1, ...late)).toBe(
      "Not on every name server yet: ns2.example still answers otherwise.",
    );
  });

  it.each<[RecordPurpose, string]>([
    ["dkim", '"v=DKIM1; k=rsa; p=QUJD"'],
    ["dkim", '\\"v=DKIM1; k=rsa; p=QUJD\\"'],
    ["spf", '"v=spf1 mx -all"'],
    ["dmarc", "'v=DMARC1; p=reject'"],
    ["dkim", 'v=DKIM1; k=rsa; p=QU" "JD'],
  ])("quotation marks inside a %s value %s are named", (purpose, value) => {
    expect(judgeRecord(plannedFor(purpose), [saying(value)])).toMatchObject({
      kind: "different",
      sentence: expect.stringContaining("Quotation marks"),
    });
  });

  it("a key that was cut off at the end of its first string is told as that", () => {
    expect(judgeRecord(plannedFor("dkim"), [saying("v=DKIM1; k=rsa; p=QU")])).toMatchObject({
      kind: "different",
      sentence: expect.stringContaining("cut off after 2 of 4 characters"),
    });
  });
});
