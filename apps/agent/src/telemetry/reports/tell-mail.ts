import { createHash } from "node:crypto";
import {
  judgeReportTime,
  type ReportBatch,
  type ToldTrouble,
  tellAggregate,
  tellFeedback,
  tellTls,
  timeOfReport,
} from "@mailstead/core/reports";
import { type ArrivedFeedback, type ArrivedReport, readArrivedMail } from "../../reports/index.ts";
import type { OnceTold } from "./told-once.ts";
import { toldReason } from "./told-reasons.ts";

/** What a mail came to, and whether it is to be kept for somebody to look at. */
export interface ToldMail {
  readonly things: readonly OnceTold<ReportBatch>[];
  readonly isUnread: boolean;
}

/** Reads a mail that arrived for reports; `null` stands for one that could not even be opened. Never throws. */
export async function tellMail(
  bytes: Uint8Array | null,
  { arrivedAtMs, nowMs }: { arrivedAtMs: number; nowMs: number },
): Promise<ToldMail> {
  const at = Math.min(arrivedAtMs, nowMs);
  const trouble = (kind: "unread" | "other", why: string, key: string): ToldMail => ({
    things: [
      { keys: [key], batches: [batchOf({ troubles: [{ kind, why: toldReason(why), at, count: 1 }] })] },
    ],
    isUnread: kind === "unread",
  });
  if (bytes === null)
    return trouble("unread", "the mail is larger than is read, or no plain file", `odd ${at}`);
  const digest = `mail ${hash(bytes)}`;
  const arrived = await readArrivedMail(bytes);
  switch (arrived.kind) {
    case "refused":
      return trouble("unread", arrived.why, digest);
    case "bounce":
      return trouble("other", "a bounce", digest);
    case "other":
      return trouble("other", "a mail that carries no report", digest);
    case "complaint":
      return { things: [tellOne(arrived, { at, digest })], isUnread: false };
    case "report": {
      const told = arrived.reports.map((report) => tellReport(report, { at, nowMs, digest }));
      const bad = told.find((one) => typeof one === "string");
      if (bad !== undefined && told.every((one) => typeof one === "string"))
        return trouble("unread", bad, digest);
      return { things: told.filter((one) => typeof one !== "string"), isUnread: false };
    }
  }
}

/** A batch of what is not there but for these parts. */
export function batchOf(parts: Partial<ReportBatch>): ReportBatch {
  return { aggregates: [], tls: [], feedback: [], troubles: [], ...parts };
}

/** A trouble that no mail stands for. */
export function troubleBatch(trouble: ToldTrouble): ReportBatch {
  return batchOf({ troubles: [trouble] });
}

/** The report as it is told, or why nothing of it is believed. */
function tellReport(
  report: ArrivedReport,
  { at, nowMs, digest }: { at: number; nowMs: number; digest: string },
): OnceTold<ReportBatch> | string {
  if (report.kind === "dmarc-failure") return tellOne(report, { at, digest });
  // Half of it would stand for the whole, which the reporter may send again.
  const cutOff = report.notes.find((note) => note.startsWith("the report breaks off"));
  if (cutOff !== undefined) return cutOff;
  const time = timeOfReport(report.report);
  const problem = judgeReportTime(time, nowMs / 1000);
  if (problem !== null) return problem;
  const batches =
    report.kind === "tls"
      ? tellTls(report.report).map((one) => batchOf({ tls: [one] }))
      : tellAggregate(report.report).map((one) => batchOf({ aggregates: [one] }));
  const [first] = batches;
  const said = first?.aggregates[0] ?? first?.tls[0];
  if (said === undefined || said.domain === "") return "the report names no domain";
  const { reporter, reportId, domain } = said;
  return { keys: [`${report.kind} ${hash([reporter, reportId, domain, time.beginS].join("\n"))}`], batches };
}

/** Whom it was about is part of its name on the host, and of nothing that leaves it. */
function tellOne(
  { report, reporterDomain, isReporterProven }: ArrivedFeedback,
  { at, digest }: { at: number; digest: string },
): OnceTold<ReportBatch> {
  const { original, originalRecipients, arrivalDate, sourceIp, type } = report;
  const name = hash(
    [
      reporterDomain,
      type,
      original.messageId ?? digest,
      original.to,
      arrivalDate,
      sourceIp,
      ...originalRecipients,
    ].join("\n"),
  );
  return {
    keys: [`feedback ${name}`],
    batches: [
      batchOf({ feedback: [tellFeedback(report, { reporterDomain, isReporterProven, arrivedAtMs: at })] }),
    ],
  };
}

function hash(value: Uint8Array | string): string {
  return createHash("sha256").update(value).digest("base64url");
}
