import { z } from "zod";
import type { ReportReading } from "./report-element.ts";

const text = z.string().max(1000);
const sessions = z.number().int().min(0).max(1_000_000_000_000);
// Some write their numbers as texts.
const sessionCount = z.union([
  sessions,
  z
    .string()
    .regex(/^\d{1,12}$/)
    .transform(Number),
]);

const failure = z.object({
  "result-type": text,
  "sending-mta-ip": text.nullish(),
  "receiving-mx-hostname": text.nullish(),
  "receiving-ip": text.nullish(),
  "failed-session-count": sessionCount.nullish(),
  "failure-reason-code": text.nullish(),
  "additional-information": z.string().max(4000).nullish(),
});

const policy = z.object({
  policy: z.object({
    "policy-type": text,
    "policy-domain": text.nullish(),
    "policy-string": z.union([z.array(text).max(500), text]).nullish(),
    "mx-host": z.union([z.array(text).max(500), text]).nullish(),
  }),
  summary: z
    .object({
      "total-successful-session-count": sessionCount.nullish(),
      "total-failure-session-count": sessionCount.nullish(),
    })
    .nullish(),
  "failure-details": z.array(failure).max(10_000).nullish(),
});

const report = z.object({
  "organization-name": text.nullish(),
  "contact-info": text.nullish(),
  "report-id": text,
  "date-range": z.object({ "start-datetime": text, "end-datetime": text }),
  policies: z.array(policy).max(10_000),
});

/** Sessions that failed alike. */
export interface TlsFailure {
  /** A result type of RFC 8460 §4.3, or what else the sender calls it. */
  readonly type: string;
  readonly count: number;
  readonly sendingIp: string | null;
  readonly receivingHost: string | null;
  readonly receivingIp: string | null;
  readonly reason: string | null;
}

/** How sessions to one domain fared under one policy. */
export interface TlsPolicyResult {
  /** `sts`, `tlsa` or `no-policy-found`, or what else the sender calls it. */
  readonly type: string;
  readonly domain: string | null;
  readonly mxHosts: readonly string[];
  /** Null where the sender does not say. */
  readonly successes: number | null;
  readonly failures: number | null;
  readonly details: readonly TlsFailure[];
}

/** A TLS report (RFC 8460 §4). */
export interface TlsReport {
  readonly organisation: string | null;
  readonly contact: string | null;
  readonly reportId: string;
  /** As written: RFC 3339. A report may lie about its time: judge it before use. */
  readonly start: string;
  readonly end: string;
  readonly policies: readonly TlsPolicyResult[];
}

/** Reads a TLS report from its parsed JSON. Refuses what lacks its id, its time or its policies. */
export function parseTlsReport(json: unknown): ReportReading<TlsReport> {
  const parsed = report.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue?.path.join(".").slice(0, 200) || "the report";
    return {
      kind: "refused",
      why: `the TLS report is not as RFC 8460 says: ${where}: ${issue?.message ?? "unknown"}`,
    };
  }
  const { data } = parsed;
  return {
    kind: "read",
    notes: [],
    report: {
      organisation: data["organization-name"] ?? null,
      contact: data["contact-info"] ?? null,
      reportId: data["report-id"],
      start: data["date-range"]["start-datetime"],
      end: data["date-range"]["end-datetime"],
      policies: data.policies.map(readPolicy),
    },
  };
}

function readPolicy({
  policy: published,
  summary,
  "failure-details": details,
}: z.infer<typeof policy>): TlsPolicyResult {
  return {
    type: published["policy-type"],
    domain: published["policy-domain"]?.toLowerCase() ?? null,
    mxHosts: [published["mx-host"] ?? []].flat(),
    successes: summary?.["total-successful-session-count"] ?? null,
    failures: summary?.["total-failure-session-count"] ?? null,
    details: (details ?? []).map((one) => ({
      type: one["result-type"],
      count: one["failed-session-count"] ?? 0,
      sendingIp: one["sending-mta-ip"] ?? null,
      receivingHost: one["receiving-mx-hostname"] ?? null,
      receivingIp: one["receiving-ip"] ?? null,
      reason: one["failure-reason-code"] ?? one["additional-information"] ?? null,
    })),
  };
}
