import { describe, expect, test } from "vitest";
import { judgeReports, type ReportFigures } from "./judge-reports.ts";
import { knownServices, serviceOfDomain, serviceOfSmarthost } from "./known-services.ts";
import { judgeSources, type OwnSenders, type SourceRow } from "./report-sources.ts";

const own: OwnSenders = {
  domain: "a.example",
  servers: [{ name: "mail1", addresses: ["192.0.2.1"] }],
  smarthosts: ["smtp.eu.mailgun.org"],
  selectors: ["ms1"],
  includes: ["sendgrid.net"],
};
const row: SourceRow = {
  sourceIp: "203.0.113.9",
  messages: 100,
  disposition: "none",
  isDkimAligned: false,
  isSpfAligned: false,
  dkim: [],
  spf: { domain: "a.example", result: "fail" },
  reasons: [],
};
const signed = (domain: string, selector = "x", result = "pass") => [{ domain, selector, result }];

test.each(Object.entries(knownServices))(
  "%s is known by its sample, and by nothing that only ends alike",
  (id, { sample }) => {
    expect(serviceOfDomain(sample)).toBe(id);
    expect(serviceOfDomain(`not${sample.split(".").slice(-2).join(".")}`)).toBeNull();
  },
);

test("a smarthost is known by the name of its host", () => {
  expect(serviceOfSmarthost("email-smtp.eu-west-1.amazonaws.com")).toBe("amazon-ses");
  expect(serviceOfSmarthost("smtp.provider.example")).toBeNull();
});

test.each<[string, Partial<SourceRow>, object]>([
  ["an address of a server", { sourceIp: "192.0.2.1" }, { kind: "ours", via: "server", name: "mail1" }],
  ["a smarthost that we relay through", { dkim: signed("mailgun.org") }, { kind: "ours", via: "smarthost" }],
  [
    "somebody who passed our letter on",
    { dkim: signed("a.example", "ms1") },
    { kind: "ours", via: "passed-on" },
  ],
  ["a service of the settings", { dkim: signed("sendgrid.net") }, { kind: "service", isExpected: true }],
  ["a service that nobody named", { dkim: signed("amazonses.com") }, { kind: "service", isExpected: false }],
  ["a signature that failed", { dkim: signed("amazonses.com", "x", "fail") }, { kind: "unknown" }],
  ["a key of ours that is not", { dkim: signed("a.example", "other") }, { kind: "unknown" }],
  ["no address at all", { sourceIp: null }, { kind: "unknown" }],
])("%s", (_, part, origin) => {
  expect(judgeSources([{ ...row, ...part }], own)).toMatchObject([{ origin }]);
});

test("one letter of ours that a stranger passed on does not make the stranger ours", () => {
  const rows = [row, { ...row, messages: 1, dkim: signed("a.example", "ms1") }];
  expect(judgeSources(rows, own)).toMatchObject([{ messages: 101, origin: { kind: "unknown" } }]);
});

test("sources that fail most come first, with the sums of their rows", () => {
  const rows = [
    { ...row, sourceIp: "192.0.2.1", messages: 900, isDkimAligned: true },
    { ...row, messages: 5, disposition: "reject" },
    row,
  ];
  expect(judgeSources(rows, own)).toMatchObject([
    { sourceIp: "203.0.113.9", messages: 105, passed: 0, rejected: 5 },
    { sourceIp: "192.0.2.1", messages: 900, passed: 900, dkimAligned: 900 },
  ]);
});

const figures = (rows: readonly SourceRow[], more: Partial<ReportFigures> = {}): ReportFigures => ({
  domain: "a.example",
  days: 7,
  policy: "none",
  messages: rows.reduce((sum, { messages }) => sum + messages, 0),
  sources: judgeSources(rows, own),
  settled: [],
  tls: { sessions: 0, failures: [] },
  ...more,
});
const kinds = (of: ReportFigures) => judgeReports(of).map(({ kind, severity }) => `${kind} ${severity}`);

test("strangers that fail at volume are one finding, whatever their number", () => {
  const rows = Array.from({ length: 40 }, (_, at) => ({ ...row, sourceIp: `203.0.113.${at}`, messages: 5 }));
  expect(kinds(figures(rows))).toEqual(["reported-stranger warning"]);
  expect(judgeReports(figures(rows))[0]?.evidence).toHaveLength(8);
  expect(kinds(figures([{ ...row, messages: 49 }]))).toEqual([]);
  expect(
    kinds(figures([row, { ...row, sourceIp: "192.0.2.1", messages: 5000, isSpfAligned: true }])),
  ).toEqual([]);
});

describe("a stranger of whom somebody said that nothing is to be done", () => {
  const settled = [
    { source: "203.0.113.9", failedPerDay: 100 / 7, wasGuarded: true },
    { source: "service mailchimp", failedPerDay: 10, wasGuarded: true },
  ];
  const known = { ...row, messages: 100 };
  const judged = (rows: readonly SourceRow[], more: Partial<ReportFigures> = {}) =>
    kinds(figures(rows, { settled, policy: "reject", ...more }));
  test("is told of no more, whatever little others send", () => {
    expect(judged([known])).toEqual([]);
    expect(judged([known, { ...row, sourceIp: "203.0.113.10", messages: 49 }])).toEqual([]);
  });
  test("is told of together with none but new ones", () => {
    const rows = [known, { ...row, sourceIp: "203.0.113.10", messages: 50 }];
    const [finding] = judgeReports(figures(rows, { settled, policy: "reject" }));
    expect(finding?.sentence).toMatch(/^50 messages .* came from 1 sources/);
    expect(finding?.evidence).toEqual([expect.stringMatching(/^203\.0\.113\.10: /)]);
  });
  test("is told of again once it sends ten times as much, or the policy lets its mail in", () => {
    expect(judged([{ ...known, messages: 1000 }])).toEqual([]);
    expect(judged([{ ...known, messages: 1001 }])).toEqual(["reported-stranger warning"]);
    expect(judged([known], { policy: "none" })).toEqual(["reported-stranger warning"]);
    expect(judged([known], { policy: null })).toEqual(["reported-stranger warning"]);
    const unguarded = settled.map((one) => ({ ...one, wasGuarded: false }));
    for (const policy of ["none", "reject"])
      expect(judged([known], { settled: unguarded, policy })).toEqual([]);
  });
  test("is a service with all its addresses", () => {
    const from = (sourceIp: string) => ({ ...row, sourceIp, messages: 60, dkim: signed("mcsv.net") });
    expect(judged([from("198.51.100.1"), from("198.51.100.2")])).toEqual([]);
  });
});

test("a server of ours that fails alignment is an error where the policy has its mail refused", () => {
  const rows = [{ ...row, sourceIp: "192.0.2.1" }];
  expect(kinds(figures(rows))).toEqual(["reported-own-failure warning"]);
  expect(kinds(figures(rows, { policy: "reject" }))).toEqual(["reported-own-failure error"]);
  expect(kinds(figures([{ ...row, sourceIp: "192.0.2.1", messages: 9 }]))).toEqual([]);
  expect(kinds(figures([{ ...row, sourceIp: "192.0.2.1", isDkimAligned: true }]))).toEqual([]);
});

test("a service of the settings that proves nothing is told by its name", () => {
  const [finding] = judgeReports(figures([{ ...row, dkim: signed("sendgrid.net") }]));
  expect(finding).toMatchObject({ kind: "reported-service", fix: expect.stringContaining("SendGrid") });
});

test("TLS failures are told by their type, with what helps against it", () => {
  const tls = {
    sessions: 200,
    failures: [
      {
        type: "certificate-expired",
        sessions: 20,
        hosts: ["mx.a.example"],
        reporters: ["google.com"],
        reasons: [],
      },
    ],
  };
  expect(judgeReports(figures([], { tls }))).toMatchObject([
    {
      kind: "reported-tls",
      about: "a.example certificate-expired",
      fix: expect.stringContaining("renewed"),
      evidence: [
        "20 of 200 sessions failed with “certificate-expired” in 7 days, at mx.a.example",
        "reported by google.com",
      ],
    },
  ]);
  expect(kinds(figures([], { tls: { ...tls, sessions: 20_000 } }))).toEqual([]);
});
