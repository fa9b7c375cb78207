import { isDeepStrictEqual } from "node:util";
import {
  type ArrivedMail,
  type FileReading,
  type FileReport,
  readArrivedMail,
  readReportFile,
} from "@mailstead/agent/reports";
import { sumAggregateReport } from "@mailstead/core/reports";
import type { Material } from "../material.ts";
import { type Score, type ScoreBook, shown } from "../score.ts";

type Facts = Readonly<Record<string, unknown>>;

/** DMARC aggregate reports: every sum of a report, and of a malformed one an error that says why, or what was saved. */
export async function scoreAggregateReports(material: Material, book: ScoreBook): Promise<void> {
  const sums = book.open("all sums of a report", 1);
  const malformed = book.open("malformed: a clear error, or read as far as it goes", 1);
  for (const [file, wanted] of Object.entries(material.json<Record<string, Facts>>("expected.json") ?? {})) {
    const bytes = material.bytes(file);
    if (bytes === null) continue;
    const score = wanted["malformed"] === undefined ? sums : malformed;
    await book.attempt(file, score, async () => {
      const reading = await readReport(file, bytes);
      const found = firstReport(reading);
      if (score === malformed)
        score.add(
          reading.kind === "refused" ? /\w+ \w+/.test(reading.why) : found?.kind === "dmarc-aggregate",
          `${file}: ${shown(reading)}`,
        );
      else if (found?.kind !== "dmarc-aggregate") score.add(false, `${file}: not read: ${shown(reading)}`);
      else {
        const asNumbers = { ...wanted, begin: Number(wanted["begin"]), end: Number(wanted["end"]) };
        addFacts(score, file, { found: factsOfAggregate(found.report), wanted: asNumbers });
      }
    });
  }
}

/** TLS reports: sessions and failures of each policy. */
export async function scoreTlsReports(material: Material, book: ScoreBook): Promise<void> {
  const score = book.open("all sums of a report", 1);
  for (const [file, wanted] of Object.entries(material.json<Record<string, Facts>>("expected.json") ?? {})) {
    const bytes = material.bytes(file);
    if (bytes === null) continue;
    await book.attempt(file, score, async () => {
      const reading = await readReport(file, bytes);
      const found = firstReport(reading);
      if (found?.kind !== "tls") score.add(false, `${file}: not read: ${shown(reading)}`);
      else addFacts(score, file, { found: factsOfTls(found.report), wanted });
    });
  }
}

async function readReport(file: string, bytes: Uint8Array): Promise<ArrivedMail | FileReading> {
  return /\.(?:eml|msg)$/i.test(file) ? readArrivedMail(bytes) : readReportFile({ name: file, bytes });
}

function firstReport(reading: ArrivedMail | FileReading): FileReport | undefined {
  if (reading.kind !== "reports" && reading.kind !== "report") return undefined;
  return [...reading.reports].find((report): report is FileReport => report.kind !== "dmarc-failure");
}

function factsOfAggregate(report: Extract<FileReport, { kind: "dmarc-aggregate" }>["report"]): Facts {
  const sums = sumAggregateReport(report);
  return {
    org_name: report.organisation,
    report_id: report.reportId,
    begin: report.beginS,
    end: report.endS,
    domain: report.policy.domain,
    p: report.policy.policy,
    sp: report.policy.subdomainPolicy,
    np: report.policy.missingDomainPolicy,
    pct: report.policy.percent === null ? null : String(report.policy.percent),
    root_tag: "feedback",
    records: sums.records,
    messages: sums.messages,
    dkim_aligned: sums.dkimAligned,
    spf_aligned: sums.spfAligned,
    dmarc_pass: sums.passed,
    disposition: sums.dispositions,
    unique_ips: sums.sources,
    override_reasons: sums.overrides,
  };
}

function factsOfTls(report: Extract<FileReport, { kind: "tls" }>["report"]): Facts {
  return {
    org: report.organisation,
    report_id: report.reportId,
    start: report.start,
    end: report.end,
    policies: report.policies.map(({ type, domain, successes, failures, details }) => ({
      type,
      domain,
      ok: successes,
      fail: failures,
      failures: details.map((detail) => ({ type: detail.type, count: detail.count })),
    })),
  };
}

/** A report is right when everything that is known of it was found. */
function addFacts(score: Score, file: string, { found, wanted }: { found: Facts; wanted: Facts }): void {
  const wrong = Object.entries(wanted).filter(([name, value]) => !isDeepStrictEqual(found[name], value));
  const about = wrong.map(([name, value]) => `${name} ${shown(found[name])}, not ${shown(value)}`);
  score.add(wrong.length === 0, `${file}: ${about.join("; ")}`);
}
