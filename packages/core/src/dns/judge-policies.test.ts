import { describe, expect, it } from "vitest";
import { judgeRecord, type NameServerAnswer } from "./judge-record.ts";
import type { RecordContext } from "./judge-values.ts";
import { planRecords } from "./plan-records.ts";
import type { PlannedRecord, RecordPurpose } from "./planned-record.ts";

const digests = ["ab".repeat(32), "cd".repeat(32)];
const planned = planRecords({
  domain: "a.example",
  servers: [
    {
      hostname: "mx1.a.example",
      ipAddresses: ["198.51.100.11", "2001:db8:51::b"],
      serves: { web: true },
      tlsKeyDigests: digests,
      sshHostKeys: [{ algorithm: "ed25519", sha256: "ef".repeat(32) }],
      certificateAuthority: {
        issuer: "letsencrypt.org",
        accountUrl: "https://ca.example/acct/1",
        validationMethods: ["http-01"],
        iodef: "mailto:x@a.example",
      },
    },
    { hostname: "mx2.b.example", ipAddresses: [], role: "backup-mx" },
  ],
  dkimKeys: [],
  mtaSts: { mode: "enforce", maxAgeSeconds: 86_400 },
  tlsReportsTo: ["tls@a.example"],
  bimi: { logoUrl: "https://a.example/logo.svg" },
  namesWithoutMail: ["www.a.example"],
});

function find(purpose: RecordPurpose, has = ""): PlannedRecord {
  const record = planned.find((one) => one.purpose === purpose && one.value.includes(has));
  if (record === undefined) throw new Error(`no ${purpose} record is planned`);
  return record;
}

function judge(record: PlannedRecord, values: readonly string[], context: RecordContext = {}) {
  const answer: NameServerAnswer = {
    nameServer: "ns1.example",
    address: "192.0.2.53",
    kind: "answered",
    values,
  };
  const siblings = planned
    .filter(({ name, type }) => name === record.name && type === record.type)
    .map(({ value }) => value);
  return judgeRecord(record, [answer], { siblings, ...context });
}

const own = find("mta-sts").value;

describe("each policy is judged by what receivers make of it", () => {
  it.each<[string, RecordPurpose, string[], string, string]>([
    ["our policy's id", "mta-sts", [own], "ok", ""],
    ["spelled in another way", "mta-sts", [own.replace("; ", " ;")], "ok", ""],
    ["an older id", "mta-sts", ["v=STSv1; id=20200101;"], "different", "20200101"],
    ["no id", "mta-sts", ["v=STSv1;"], "different", "no valid id"],
    ["an id with a dash", "mta-sts", ["v=STSv1; id=2020-01;"], "different", "no valid id"],
    ["two records", "mta-sts", [own, "v=STSv1; id=2;"], "different", "Several"],
    ["a wildcard's text", "mta-sts", ["v=spf1 -all"], "different", "v=STSv1"],
    ["quoted", "mta-sts", [`"${own}"`], "different", "Quotation marks"],
    ["none", "mta-sts", [], "missing", ""],

    ["our address", "tls-rpt", ["v=TLSRPTv1; rua=mailto:tls@a.example"], "ok", ""],
    ["more addresses", "tls-rpt", ["v=TLSRPTv1;rua=https://x.example/r,mailto:tls@a.example;"], "ok", ""],
    ["somebody else's", "tls-rpt", ["v=TLSRPTv1; rua=mailto:x@b.example"], "attention", "x@b.example"],
    ["no scheme", "tls-rpt", ["v=TLSRPTv1; rua=tls@a.example"], "different", "no address"],
    ["two records", "tls-rpt", ["v=TLSRPTv1; rua=mailto:x@b.c", "v=TLSRPTv1;"], "different", "Several"],
    ["none", "tls-rpt", [], "missing", ""],

    ["our logo", "bimi", ["v=BIMI1; l=https://a.example/logo.svg; a="], "ok", ""],
    ["no logo wanted", "bimi", ["v=BIMI1; l=; a=;"], "different", "no logo"],
    ["plain http", "bimi", ["v=BIMI1; l=http://a.example/logo.svg"], "different", "no https"],
    ["another logo", "bimi", ["v=BIMI1; l=https://b.example/logo.svg"], "different", "b.example"],

    ["nobody sends", "no-mail-spf", ["v=spf1 -all"], "ok", ""],
    ["nobody sends, said longer", "no-mail-spf", ["v=spf1 -ip4:192.0.2.1 -all"], "ok", ""],
    ["somebody sends", "no-mail-spf", ["v=spf1 a -all"], "different", '"a" lets others send'],
    ["a weaker end", "no-mail-spf", ["v=spf1 ~all"], "attention", "-all"],
    ["no end", "no-mail-spf", ["v=spf1"], "different", "protects nothing"],
    ["two", "no-mail-spf", ["v=spf1 -all", "v=spf1 -all"], "different", "Two SPF records"],
    ["none", "no-mail-spf", ["hello"], "missing", ""],

    ["refused", "no-mail-dmarc", ["v=DMARC1; p=reject; sp=reject"], "ok", ""],
    ["put aside", "no-mail-dmarc", ["v=DMARC1; p=quarantine"], "attention", "p=reject"],
    ["watched", "no-mail-dmarc", ["v=DMARC1; p=none"], "attention", "p=none"],
    ["none", "no-mail-dmarc", [], "missing", ""],

    ["takes none", "null-mx", ["0 ."], "ok", ""],
    ["takes none, with a preference", "null-mx", ["10 ."], "ok", ""],
    ["takes some", "null-mx", ["10 mx.b.example."], "different", "mx.b.example"],
    ["says both", "null-mx", ["0 .", "10 mx.b.example."], "different", "contradicts"],
    ["says nothing", "null-mx", [], "missing", ""],
  ])("%s: %s %j is %s", (_title, purpose, values, kind, part) => {
    const verdict = judge(find(purpose), values, { dmarcPolicy: "reject" });
    expect(verdict.kind).toBe(kind);
    expect(verdict.sentence).toContain(part);
  });

  it.each<["none" | null | "quarantine" | undefined, string]>([
    ["none", "attention"],
    [null, "attention"],
    ["quarantine", "ok"],
    [undefined, "ok"],
  ])("a logo under the DMARC policy %s is %s", (dmarcPolicy, kind) => {
    const context = dmarcPolicy === undefined ? {} : { dmarcPolicy };
    expect(judge(find("bimi"), [find("bimi").value], context).kind).toBe(kind);
  });

  it("a name without mail that inherits a refusal is right", () => {
    const record = "v=DMARC1; p=none; sp=reject";
    const inheritedDmarc = { kind: "inherited", name: "_dmarc.a.example", record } as const;
    expect(judge(find("no-mail-dmarc"), [], { inheritedDmarc }).kind).toBe("ok");
    const weak = { ...inheritedDmarc, record: "v=DMARC1; p=quarantine" };
    expect(judge(find("no-mail-dmarc"), [], { inheritedDmarc: weak }).kind).toBe("attention");
  });
});

describe("where programs are led is judged by where they arrive", () => {
  it.each<[string, string[], string, string]>([
    ["our host", ["0 1 993 MX1.a.example."], "ok", ""],
    ["another weight", ["5 0 993 mx1.a.example"], "ok", ""],
    ["another host behind ours", ["0 1 993 mx1.a.example.", "10 1 993 b.example."], "ok", ""],
    [
      "another host before ours",
      ["10 1 993 mx1.a.example.", "0 1 993 b.example."],
      "attention",
      "b.example:993",
    ],
    ["another host", ["0 1 993 imap.b.example."], "different", "imap.b.example:993"],
    ["another port", ["0 1 143 mx1.a.example."], "different", "port 143"],
    ["not offered", ["0 0 0 ."], "different", "not offered"],
    ["none", [], "missing", ""],
  ])("SRV: %s %j is %s", (_title, values, kind, part) => {
    const verdict = judge(find("srv", " 993 "), values);
    expect(verdict.kind).toBe(kind);
    expect(verdict.sentence).toContain(part);
  });

  it.each<[string, string[], string[], string]>([
    ["an alias of the host", ["MX1.a.example."], [], "ok"],
    ["an alias of an alias of it", ["x.example"], ["198.51.100.11"], "ok"],
    ["its addresses", [], ["198.51.100.11", "2001:0db8:51:0::b"], "ok"],
    ["another address too", [], ["198.51.100.11", "192.0.2.9"], "attention"],
    ["another address", [], ["192.0.2.9"], "different"],
    ["an alias of another", ["x.example"], ["192.0.2.9"], "different"],
    ["an alias of nothing", ["x.example"], [], "different"],
    ["nothing", [], [], "missing"],
  ])("autoconfig: %s (%j, %j) is %s", (_title, values, leadsTo, kind) => {
    expect(judge(find("web-name"), values, { leadsTo }).kind).toBe(kind);
  });

  it.each<[string, string[], string, string]>([
    ["behind the main server", ["10 mx1.a.example.", "20 mx2.b.example."], "ok", ""],
    ["before it", ["10 mx2.b.example.", "20 mx1.a.example."], "different", "stand in"],
    ["beside it", ["10 mx2.b.example.", "10 mx1.a.example."], "different", "stand in"],
    ["not named", ["10 mx1.a.example."], "missing", ""],
  ])("a backup %s: %j is %s", (_title, values, kind, part) => {
    const mailHosts = ["mx1.a.example", "mx2.b.example"];
    const verdict = judge(find("backup-mx"), values, { mailHosts, backupHosts: ["mx2.b.example"] });
    expect(verdict.kind).toBe(kind);
    expect(verdict.sentence).toContain(part);
  });
});

describe("what a host shows of its keys is judged by whether they fit", () => {
  const [first = "", second = ""] = digests.map((digest) => `3 1 1 ${digest}`);
  const foreign = `3 1 1 ${"99".repeat(32)}`;

  it.each<[string, string[], string, string]>([
    ["both keys", [first, second], "ok", ""],
    ["capitals and spaces", [`3 1 1 ${"AB".repeat(16)} ${"AB".repeat(16)}`, second], "ok", ""],
    ["the other key alone, as in a change of keys", [second], "missing", ""],
    ["a key that is gone beside ours", [first, second, foreign], "attention", "fits no key"],
    ["another key alone", [foreign], "different", "deliver nothing"],
    ["a form that cannot be judged", [`2 1 1 ${"99".repeat(32)}`], "unanswered", "2 1 1 999999999999…"],
    ["none", [], "missing", ""],
  ])("TLSA: %s is %s", (_title, values, kind, part) => {
    const verdict = judge(find("tlsa", "ab"), values);
    expect(verdict.kind).toBe(kind);
    expect(verdict.sentence).toContain(part);
  });

  it.each<[string, string[], string]>([
    ["our key", [`4 2 ${"EF".repeat(32)}`], "ok"],
    ["beside keys of other kinds", [`4 2 ${"ef".repeat(32)}`, `1 2 ${"11".repeat(32)}`], "ok"],
    ["beside another of its kind", [`4 2 ${"ef".repeat(32)}`, `4 2 ${"11".repeat(32)}`], "attention"],
    ["another key", [`4 2 ${"11".repeat(32)}`], "different"],
    ["only other kinds", [`1 2 ${"11".repeat(32)}`], "missing"],
  ])("SSHFP: %s is %s", (_title, values, kind) => {
    expect(judge(find("sshfp"), values).kind).toBe(kind);
  });

  it.each<[string, string[], string, string]>([
    ["ours", ['0 issue "letsencrypt.org"'], "ok", ""],
    ["ours by our method", ['0 issue "letsencrypt.org; validationmethods=dns-01,http-01"'], "ok", ""],
    ["ours beside another", ['0 issue "ca.example"', '0 issue "LetsEncrypt.org"'], "ok", ""],
    [
      "ours, by another method",
      ['0 issue "letsencrypt.org;validationmethods=dns-01"'],
      "different",
      "methods",
    ],
    ["ours to us alone", ['0 issue "letsencrypt.org; accounturi=https://ca.example/acct/1"'], "ok", ""],
    [
      "ours to another account",
      ['0 issue "letsencrypt.org; accounturi=https://ca.example/acct/2"'],
      "different",
      "another account than ours",
    ],
    ["another", ['0 issue "ca.example"'], "different", "Only ca.example may issue"],
    ["nobody", ['0 issue ";"'], "different", "Nobody may issue"],
    [
      "something critical that nobody knows",
      ['128 tbs "x"', '0 issue "letsencrypt.org"'],
      "different",
      "tbs",
    ],
    ["only where to report", ['0 iodef "mailto:x@a.example"'], "missing", ""],
    ["none", [], "missing", ""],
  ])("CAA: %s: %j is %s", (_title, values, kind, part) => {
    const verdict = judge(find("caa", "issue"), values);
    expect(verdict.kind).toBe(kind);
    expect(verdict.sentence).toContain(part);
  });

  it("a CAA record above holds here too", () => {
    const judgeInherited = (value: string) =>
      judge(find("caa", "issue"), [], {
        inheritedCaa: { kind: "inherited", name: "a.example", values: [value] },
      });
    expect(judgeInherited('0 issue "letsencrypt.org"')).toMatchObject({
      kind: "ok",
      sentence: expect.stringContaining("a.example"),
    });
    expect(judgeInherited('0 issue "ca.example"')).toMatchObject({ kind: "different" });
    expect(judgeInherited('0 iodef "mailto:x@a.example"')).toMatchObject({ kind: "missing" });
  });
});
