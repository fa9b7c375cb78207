import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { MailTree } from "../bounces/index.ts";
import { sumAggregateReport } from "./aggregate-report.ts";
import { parseFeedbackReport } from "./feedback-report.ts";
import { normalIp } from "./ip-text.ts";
import { parseAggregateReport } from "./parse-aggregate-report.ts";
import type { ReportElement } from "./report-element.ts";
import { judgeReportTime } from "./report-time.ts";
import { parseTlsReport } from "./tls-report.ts";

type Shape = string | { readonly [name: string]: Shape | readonly Shape[] };

function element(name: string, shape: Shape): ReportElement {
  if (typeof shape === "string") return { name, text: shape, children: [] };
  const children = Object.entries(shape).flatMap(([child, inside]) =>
    [inside].flat().map((one) => element(child, one as Shape)),
  );
  return { name, text: "", children };
}

const row = (changed: Shape = {}) => ({
  row: {
    source_ip: "192.0.2.1",
    count: "2",
    policy_evaluated: {
      disposition: "none",
      dkim: "fail",
      spf: "pass",
      reason: { type: "local_policy", comment: "x" },
    },
    ...(changed as object),
  },
  identifiers: { header_from: "A.example." },
  auth_results: {
    dkim: { domain: "a.example", selector: "s1", result: "pass" },
    spf: { domain: "b.example", result: "none" },
  },
});

const feedback = (changed: Record<string, Shape | readonly Shape[]> = {}) =>
  element("feedback", {
    report_metadata: {
      org_name: "B",
      report_id: "1",
      date_range: { begin: "1337270400.0", end: "1337356799" },
    },
    policy_published: { domain: "a.example", p: "Quarantine", sp: "reject", np: "none", testing: "y" },
    record: [
      row(),
      row({
        source_ip: "2001:DB8::1",
        count: "5",
        policy_evaluated: { disposition: "pass", dkim: "pass", spf: "pass" },
      }),
    ],
    ...changed,
  });

describe("a DMARC aggregate report", () => {
  test("is read with its policy, its records and their results", () => {
    const reading = parseAggregateReport(feedback());
    expect(reading).toMatchObject({
      kind: "read",
      notes: [],
      report: {
        beginS: 1_337_270_400,
        policy: {
          domain: "a.example",
          policy: "quarantine",
          missingDomainPolicy: "none",
          isTesting: true,
          percent: null,
        },
        records: [
          { sourceIp: "192.0.2.1", headerFrom: "a.example", dkim: [{ selector: "s1", result: "pass" }] },
          { sourceIp: "2001:db8::1", disposition: "pass" },
        ],
      },
    });
  });

  test("adds up in messages", () => {
    const reading = parseAggregateReport(feedback());
    if (reading.kind !== "read") throw new Error(reading.why);
    expect(sumAggregateReport(reading.report)).toEqual({
      records: 2,
      messages: 7,
      dkimAligned: 5,
      spfAligned: 7,
      passed: 7,
      sources: 2,
      dispositions: { none: 2, pass: 5 },
      overrides: { local_policy: 1 },
    });
  });

  test.each<[string, ReportElement, RegExp]>([
    ["is something else", element("html", {}), /holds no feedback/],
    ["names no domain", feedback({ policy_published: { p: "none" } }), /names no domain/],
    ["names no time", feedback({ report_metadata: { report_id: "1" } }), /names no time/],
  ])("that %s is refused", (_what, root, why) => {
    expect(parseAggregateReport(root)).toMatchObject({ kind: "refused", why: expect.stringMatching(why) });
  });

  test.each(["-1", "1.5", "many", "99999999999", ""])(
    "leaves out a record of %j messages and says so",
    (count) => {
      const reading = parseAggregateReport(feedback({ record: [row({ count }), row()] }));
      expect(reading).toMatchObject({
        kind: "read",
        notes: [expect.stringMatching(/^record 1 is left out/)],
      });
      expect(reading.kind === "read" && reading.report.records).toHaveLength(1);
    },
  );
});

describe("a TLS report", () => {
  const tls = (changed: object = {}) => ({
    "organization-name": "B",
    "report-id": "1",
    "date-range": { "start-datetime": "2026-01-01T00:00:00Z", "end-datetime": "2026-01-01T23:59:59Z" },
    policies: [
      {
        policy: { "policy-type": "sts", "policy-domain": "A.example", "mx-host": "mx.a.example" },
        summary: { "total-successful-session-count": 3, "total-failure-session-count": "2" },
        "failure-details": [{ "result-type": "certificate-expired", "failed-session-count": 2 }],
      },
    ],
    ...changed,
  });
  test("is read with its sums, also where numbers are texts", () => {
    expect(parseTlsReport(tls())).toMatchObject({
      kind: "read",
      report: {
        policies: [
          {
            domain: "a.example",
            mxHosts: ["mx.a.example"],
            successes: 3,
            failures: 2,
            details: [{ type: "certificate-expired", count: 2 }],
          },
        ],
      },
    });
  });
  test.each([
    ["report-id", tls({ "report-id": 1 })],
    ["date-range", tls({ "date-range": {} })],
    ["policies", tls({ policies: {} })],
    [
      "total-successful",
      tls({
        policies: [{ policy: { "policy-type": "sts" }, summary: { "total-successful-session-count": -1 } }],
      }),
    ],
  ])("that is wrong at %s is refused with the place", (place, json) => {
    expect(parseTlsReport(json)).toMatchObject({ kind: "refused", why: expect.stringContaining(place) });
  });
});

describe("a feedback report", () => {
  const mail = (fields: string, parts: MailTree["parts"] = []): MailTree => ({
    headers: [],
    text: "",
    parts: [
      { contentType: "message/feedback-report", fileName: null, text: fields, message: null },
      ...parts,
    ],
  });
  test("of a complaint tells who, whence and about which message", () => {
    const original = {
      headers: [
        { name: "feedback-id", value: "a:b:c" },
        { name: "message-id", value: "<1@a.example>" },
      ],
      text: "",
      parts: [],
    };
    const fields = `Feedback-Type: abuse
User-Agent: B/1
Version: 1
Original-Rcpt-To: <x@b.example>
Original-Rcpt-To: y@b.example
Source-IP: 192.0.2.1 (mx.a.example)
Incidents: 3`;
    expect(
      parseFeedbackReport(
        mail(fields, [{ contentType: "message/rfc822", fileName: null, text: "", message: original }]),
      ),
    ).toMatchObject({
      kind: "read",
      report: {
        type: "abuse",
        originalRecipients: ["x@b.example", "y@b.example"],
        sourceIp: "192.0.2.1",
        incidents: 3,
        authFailure: null,
        original: { feedbackId: "a:b:c", messageId: "1@a.example" },
      },
    });
  });
  test("of a failed authentication tells what failed", () => {
    const fields =
      "Feedback-Type: auth-failure\nAuth-Failure: BodyHash\nDKIM-Domain: A.example\nDKIM-Canonicalized-Body: YW\n  I=\nIdentity-Alignment: spf";
    expect(parseFeedbackReport(mail(fields))).toMatchObject({
      report: {
        authFailure: {
          failure: "bodyhash",
          dkimDomain: "a.example",
          dkimCanonicalizedBody: "YWI=",
          identityAlignment: "spf",
        },
      },
    });
  });
  test("of a kind that nobody knows is noted", () => {
    expect(parseFeedbackReport(mail("Feedback-Type: odd"))).toMatchObject({
      report: { type: "other" },
      notes: [expect.stringContaining("odd")],
    });
  });
  test("is not seen in a mail that carries none", () => {
    expect(
      parseFeedbackReport({ headers: [], text: "Feedback-Type: abuse is a field", parts: [] }).kind,
    ).toBe("refused");
  });
  test("is read from any fields", () => {
    fc.assert(
      fc.property(fc.string(), (fields) => {
        expect(parseFeedbackReport(mail(fields)).kind).toBe("read");
      }),
    );
  });
});

test.each<[string, string | null]>([
  ["192.0.2.1", "192.0.2.1"],
  ["[IPv6:2001:DB8::1]", "2001:db8::1"],
  ["::ffff:192.0.2.1", "192.0.2.1"],
  ["2001:0DB8:0000:0000:0000:0000:0000:0001", "2001:db8::1"],
  ["2001:db8:0:0:1:0:0:0", "2001:db8:0:0:1::"],
  ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  ["0:0:0:0:0:0:0:1", "::1"],
  ["::", "::"],
  ["1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"],
  ["1:2:3:4:5:6:7::8:9", null],
  ["256.1.1.1", null],
  ["108r.166.27.220", null],
  ["2001:db8:::1", null],
  ["1:2:3", null],
  ["", null],
])("the address %s stands as %s", (text, normal) => {
  expect(normalIp(text)).toBe(normal);
});

test.each<[string, number, number, RegExp | null]>([
  ["of yesterday", -86_400, -1, null],
  ["of a receiver whose clock runs ahead", 0, 86_399, null],
  ["of next week", 7 * 86_400, 8 * 86_400, /future/],
  ["that never ends", -86_400, 20 * 86_400, /future/],
  ["of last year", -365 * 86_400, -364 * 86_400, /too old/],
  ["of a whole season", -80 * 86_400, -1, /more than a month/],
  ["that ends first", -1, -86_400, /before it begins/],
  ["without a time", Number.NaN, 0, /no time/],
])("a report %s is judged by its time", (_which, begin, end, problem) => {
  const nowS = 1_800_000_000;
  const judged = judgeReportTime({ beginS: nowS + begin, endS: nowS + end }, nowS);
  if (problem === null) expect(judged).toBeNull();
  else expect(judged).toMatch(problem);
});

test("a record whose source is no address counts without one, and is noted", () => {
  const reading = parseAggregateReport(feedback({ record: [row({ source_ip: "108r.166.27.220" })] }));
  expect(reading).toMatchObject({
    notes: ["record 1 names no IP address"],
    report: { records: [{ sourceIp: null, count: 2 }] },
  });
});
