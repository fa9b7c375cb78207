import { describe, expect, test } from "vitest";
import { planRecords } from "../dns/index.ts";
import { adviseDmarc, type DmarcStanding, dmarcStepProblem } from "./dmarc-step.ts";
import { defaultMailSettings, mailSettingsProblem, mailSettingsSchema } from "./mail-settings.ts";
import { recordWishes } from "./record-wishes.ts";

const problemOf = (settings: unknown) =>
  mailSettingsSchema.safeParse(settings).error?.issues.map(({ message }) => message) ?? [];

const wanted = (name: string, type: string, value: string) => ({ name, type, value });

describe("what may be wished for", () => {
  test("nothing gives the defaults, and all of it is kept", () => {
    const full = {
      spf: {
        includes: ["_spf.news.example"],
        addresses: ["192.0.2.0/24", "2001:db8::/32"],
        isFlattened: true,
      },
      dmarc: {
        policy: "reject",
        subdomainPolicy: "quarantine",
        nonexistentPolicy: "reject",
        dkimAlignment: "strict",
        spfAlignment: "relaxed",
        reportsTo: ["dmarc@a.example"],
        failureReportsTo: ["fail@a.example"],
      },
      tlsReportsTo: ["tls@a.example", "https://reports.example/tls"],
      bimi: { logoUrl: "https://a.example/logo.svg", certificateUrl: "https://a.example/logo.pem?v=1" },
      reportsHere: "failures",
      smarthostRecords: [
        { name: "t1._domainkey", type: "CNAME", value: "t1.dkim.amazonses.com" },
        { name: "bounce", type: "MX", value: "10 feedback-smtp.eu-west-1.amazonses.com" },
        { name: "bounce", type: "TXT", value: "v=spf1 include:amazonses.com -all" },
      ],
      namesWithoutMail: ["www", "shop.eu"],
    };
    expect(mailSettingsSchema.parse(full)).toEqual(full);
    expect(defaultMailSettings).toMatchObject({ dmarc: { policy: "quarantine" }, bimi: null });
  });

  test.each<[unknown, RegExp]>([
    [{ spf: { includes: ["news"] } }, /"news" names no sender: a domain name has at least two parts/],
    [{ spf: { includes: ["news.example -all"] } }, /names no sender/],
    [{ spf: { addresses: ["news.example"] } }, /is no IP address, and no network/],
    [{ spf: { addresses: ["10.0.0.1"] } }, /is a private address/],
    [{ spf: { addresses: ["0.0.0.0/0"] } }, /is a private address|too wide/],
    [{ spf: { addresses: ["8.0.0.0/8"] } }, /too wide to trust; name one of \/16/],
    [{ spf: { addresses: ["2001:db8::/16"] } }, /name one of \/32/],
    [{ spf: { addresses: ["192.0.2.1/33"] } }, /is no IP address/],
    [
      { spf: { includes: Array.from({ length: 21 }, (_, at) => `s${at}.example`) } },
      /20 other senders at most/,
    ],
    [{ dmarc: { reportsTo: ["dmarc"] } }, /"dmarc" is no mail address for reports/],
    [{ dmarc: { failureReportsTo: ["a@b.example; p=none"] } }, /is no mail address/],
    [{ tlsReportsTo: ["http://a.example"] }, /no mail address and no https address/],
    [{ bimi: { logoUrl: "http://a.example/logo.svg" } }, /the logo does not begin with https/],
    [{ bimi: { logoUrl: "https://a.example/logo.svg; a=x" } }, /semicolons/],
    [{ bimi: { logoUrl: "https://a.example/logo.png" } }, /the logo must end in \.svg/],
    [
      { bimi: { logoUrl: "https://a.example/logo.svg", certificateUrl: "https://a.example/x.crt" } },
      /certificate must end in \.pem/,
    ],
    [{ smarthostRecords: [wanted("a b", "TXT", "x")] }, /is no name below the domain/],
    [{ smarthostRecords: [wanted("_dmarc", "TXT", "v=DMARC1; p=none")] }, /planned already/],
    [{ smarthostRecords: [wanted("bounce", "A", "192.0.2.1")] }, /is a CNAME, an MX or a TXT/],
    [{ smarthostRecords: [wanted("bounce", "MX", "feedback.example")] }, /is a number and a host/],
    [{ smarthostRecords: [wanted("bounce", "CNAME", "two names.example")] }, /leads to a name/],
    [{ smarthostRecords: [wanted("s1._domainkey", "TXT", "p=ä")] }, /characters that DNS does not take/],
    [
      {
        smarthostRecords: [wanted("bounce", "CNAME", "a.example"), wanted("bounce", "MX", "10 a.example")],
      },
      /no other record stands beside a CNAME/,
    ],
    [{ namesWithoutMail: ["www_1"] }, /"www_1" is no name below the domain/],
    [{ namesWithoutMail: [""] }, /is no name below the domain/],
  ])("%j is answered in one sentence", (settings, sentence) => {
    expect(problemOf(settings)).toEqual([expect.stringMatching(sentence)]);
  });

  test("a logo needs a policy by which receivers show it", () => {
    const bimi = { logoUrl: "https://a.example/logo.svg", certificateUrl: null };
    const { dmarc } = defaultMailSettings;
    expect(mailSettingsProblem({ ...defaultMailSettings, bimi })).toBeNull();
    expect(
      mailSettingsProblem({ ...defaultMailSettings, bimi, dmarc: { ...dmarc, policy: "none" } }),
    ).toMatch(/raise the DMARC policy/);
  });
});

test("what is wished for stands in the records", () => {
  const settings = mailSettingsSchema.parse({
    spf: { includes: ["_spf.news.example"], addresses: ["192.0.2.7", "2001:db8::/48"] },
    dmarc: {
      policy: "none",
      nonexistentPolicy: "reject",
      spfAlignment: "strict",
      reportsTo: ["d@a.example"],
    },
    tlsReportsTo: ["t@a.example"],
    bimi: { logoUrl: "https://a.example/logo.svg" },
    namesWithoutMail: ["www"],
  });
  const records = planRecords({
    ...recordWishes("a.example", settings),
    domain: "a.example",
    servers: [{ hostname: "mx.a.example", ipAddresses: [] }],
    dkimKeys: [],
  });
  const planned = (purpose: string) => records.find((record) => record.purpose === purpose)?.value;
  expect(planned("spf")).toBe("v=spf1 mx include:_spf.news.example ip4:192.0.2.7 ip6:2001:db8::/48 -all");
  expect(planned("dmarc")).toBe("v=DMARC1; p=none; np=reject; aspf=s; rua=mailto:d@a.example");
  expect(planned("tls-rpt")).toBe("v=TLSRPTv1; rua=mailto:t@a.example");
  expect(planned("bimi")).toBe("v=BIMI1; l=https://a.example/logo.svg");
  expect(records.filter(({ name }) => name.endsWith("www.a.example")).map(({ value }) => value)).toEqual([
    "v=spf1 -all",
    "v=DMARC1; p=reject",
    "0 .",
  ]);
});

describe("the way to a stricter DMARC policy", () => {
  const standing = (changed: Partial<DmarcStanding> = {}): DmarcStanding => ({
    domain: "a.example",
    policy: "none",
    proof: "passing",
    hasReports: true,
    ...changed,
  });

  test.each<[Partial<DmarcStanding>, DmarcStanding["policy"], RegExp | null]>([
    [{}, "quarantine", null],
    [{ policy: "quarantine" }, "reject", null],
    [{}, "reject", /quarantine first/],
    [{ proof: "failing" }, "quarantine", /found SPF or DKIM of a\.example wrong/],
    [{ policy: "quarantine", proof: "unknown" }, "reject", /have not been checked yet/],
    [{ policy: "reject", proof: "failing" }, "none", null],
    [{ policy: "quarantine", proof: "failing" }, "quarantine", null],
  ])("from %j to %s", (changed, to, problem) => {
    const found = dmarcStepProblem(standing(changed), to);
    if (problem === null) expect(found).toBeNull();
    else expect(found).toMatch(problem);
  });

  test.each<[Partial<DmarcStanding>, RegExp]>([
    [{}, /pass\. Go to quarantine when the reports/],
    [{ hasReports: false }, /Name an address for reports/],
    [{ policy: "quarantine" }, /Go to reject/],
    [{ policy: "reject" }, /no stricter policy/],
    [{ proof: "unknown" }, /Check the domain; quarantine comes next/],
    [{ proof: "failing" }, /^Stay at none/],
    [{ policy: "reject", proof: "failing" }, /may reject your own mail/],
  ])("%j has one piece of advice", (changed, advice) => {
    expect(adviseDmarc(standing(changed))).toMatch(advice);
  });
});
