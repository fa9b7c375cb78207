import { expect, test } from "vitest";
import { parseHeaderLines } from "../bounces/index.ts";
import type { AggregateRecord, AggregateReport } from "./aggregate-report.ts";
import { parseFeedbackReport } from "./feedback-report.ts";
import { tellAggregate, tellFeedback, tellTls } from "./tell-report.ts";
import { parseTlsReport } from "./tls-report.ts";
import { reportBatchSchema, toldRowsMax } from "./told-reports.ts";

const record: AggregateRecord = {
  sourceIp: "192.0.2.1",
  count: 3,
  disposition: "none",
  isDkimAligned: true,
  isSpfAligned: false,
  reasons: [{ type: "local_policy", comment: "for ann@a.example" }],
  headerFrom: "a.example",
  envelopeFrom: "ann@a.example",
  envelopeTo: "bob@b.example",
  dkim: [{ domain: "a.example", selector: "s1", scope: null, result: "pass", comment: "ann@a.example" }],
  spf: [{ domain: "ann@bounce.a.example", selector: null, scope: "mfrom", result: "fail", comment: null }],
};
const report: AggregateReport = {
  organisation: "google.com",
  email: "noreply@google.com",
  reportId: "77@google.com",
  beginS: 1_795_000_000,
  endS: 1_795_086_399,
  policy: {
    domain: "a.example",
    policy: "none",
    subdomainPolicy: null,
    missingDomainPolicy: null,
    percent: 100,
    dkimAlignment: null,
    spfAlignment: null,
    isTesting: null,
    discoveryMethod: null,
  },
  records: [record],
};
const nothing = { aggregates: [], tls: [], feedback: [], troubles: [] };

test("rows that fared alike are told as one, without anybody's address", () => {
  const told = tellAggregate({ ...report, records: [record, { ...record, envelopeTo: "carl@b.example" }] });
  expect(told).toMatchObject([
    {
      reporter: "google.com",
      part: 0,
      rows: [{ count: 6, spf: { domain: "bounce.a.example", result: "fail" }, reasons: ["local_policy"] }],
    },
  ]);
  expect(JSON.stringify(told)).not.toContain("@");
  expect(reportBatchSchema.parse({ ...nothing, aggregates: told }).aggregates).toEqual(told);
});

test("a domain is told as DNS has it, however a receiver writes it", () => {
  const policy = { ...report.policy, domain: "Bücher.Example." };
  expect(tellAggregate({ ...report, policy })).toMatchObject([{ domain: "xn--bcher-kva.example" }]);
  const tooLong = { ...policy, domain: `${"ü".repeat(60)}.${"ä".repeat(60)}.${"ö".repeat(60)}.example` };
  expect(tellAggregate({ ...report, policy: tooLong })[0]?.domain.length).toBeLessThanOrEqual(253);
});

test("a report of many sources is told in parts that lose nothing", () => {
  const records = Array.from({ length: 2 * toldRowsMax + 1 }, (_, at) => ({
    ...record,
    sourceIp: `10.0.${Math.floor(at / 250)}.${at % 250}`,
  }));
  const told = tellAggregate({ ...report, records });
  expect(told.map(({ part }) => part)).toEqual([0, 1, 2]);
  expect(told.flatMap(({ rows }) => rows).reduce((sum, { count }) => sum + count, 0)).toBe(
    records.length * 3,
  );
});

test("a report without rows is told, so that its receiver is seen to report", () => {
  expect(tellAggregate({ ...report, records: [] })).toMatchObject([{ part: 0, rows: [] }]);
});

test("a TLS report is told by policy, its free words without addresses", () => {
  const reading = parseTlsReport({
    "organization-name": "Sender ann@sender.example",
    "report-id": "5@sender.example",
    "date-range": { "start-datetime": "2026-11-20T00:00:00Z", "end-datetime": "2026-11-20T23:59:59Z" },
    policies: [
      {
        policy: { "policy-type": "sts", "policy-domain": "A.example" },
        summary: { "total-successful-session-count": 9, "total-failure-session-count": 2 },
        "failure-details": [
          {
            "result-type": "certificate-expired",
            "failed-session-count": 2,
            "sending-mta-ip": "2001:db8::1",
            "failure-reason-code": "told ann@a.example",
          },
        ],
      },
    ],
  });
  if (reading.kind !== "read") throw new Error(reading.why);
  const told = tellTls(reading.report);
  expect(told).toMatchObject([{ domain: "a.example", policyType: "sts", successes: 9, failures: 2 }]);
  expect(JSON.stringify(told)).not.toMatch(/ann|@/);
  expect(reportBatchSchema.parse({ ...nothing, tls: told }).tls).toEqual(told);
});

test("a complaint is told by whose mail it was and not by whom it was from or went to", () => {
  const arrivedAtMs = Date.parse("2026-11-21T08:00:00Z");
  const original = parseHeaderLines(
    "From: Ann <ann@a.example>\nTo: bob@b.example\nSubject: secret\nMessage-ID: <1@a.example>\nFeedback-ID: c1:t9:mail:ms\nDKIM-Signature: v=1; a=rsa-sha256; d=a.example; s=ms1; b=x\n",
  );
  const reading = parseFeedbackReport({
    headers: [],
    text: "",
    parts: [
      {
        contentType: "message/feedback-report",
        fileName: null,
        message: null,
        text: "Feedback-Type: abuse\nUser-Agent: X/1\nOriginal-Mail-From: <ann@a.example>\nOriginal-Rcpt-To: <bob@b.example>\nArrival-Date: Fri, 20 Nov 2026 08:00:00 +0000\nSource-IP: 192.0.2.1\nAuthentication-Results: mx.b.example; spf=pass smtp.mailfrom=ann@a.example; dkim=pass header.d=a.example\n",
      },
      {
        contentType: "message/rfc822",
        fileName: null,
        text: "",
        message: { headers: original, text: "", parts: [] },
      },
    ],
  });
  if (reading.kind !== "read") throw new Error(reading.why);
  const told = tellFeedback(reading.report, {
    reporterDomain: "yahoo.com",
    isReporterProven: true,
    arrivedAtMs,
  });
  expect(told).toEqual({
    kind: "complaint",
    type: "abuse",
    reporter: "yahoo.com",
    domains: ["a.example"],
    at: arrivedAtMs - 86_400_000,
    sourceIp: "192.0.2.1",
    incidents: 1,
    dkimDomain: "a.example",
    dkimSelector: "ms1",
    feedbackId: "c1:t9:mail:ms",
    failure: null,
    results: { spf: "pass", dkim: "pass" },
  });
  expect(reportBatchSchema.parse({ ...nothing, feedback: [told] }).feedback).toEqual([told]);
});
