import { sumAggregateReport } from "@mailstead/core/reports";
import { describe, expect, test } from "vitest";
import { openDataset } from "./dataset.testing.ts";
import { type ArrivedMail, type ArrivedReport, readArrivedMail } from "./read-arrived-mail.ts";
import { type FileReading, type FileReport, readReportFile } from "./read-report-file.ts";

const aggregate = openDataset("dmarc-aggregate");
const tls = openDataset("tls-rpt");
const feedback = openDataset("feedback-reports");

async function read(file: string, bytes: Uint8Array): Promise<ArrivedMail | FileReading> {
  return file.endsWith(".eml") ? readArrivedMail(bytes) : readReportFile({ name: file, bytes });
}

function reportOf(reading: ArrivedMail | FileReading): FileReport | undefined {
  if (reading.kind !== "reports" && reading.kind !== "report") return undefined;
  const reports: readonly ArrivedReport[] = reading.reports;
  return reports.find((report): report is FileReport => report.kind !== "dmarc-failure");
}

interface ExpectedAggregate {
  readonly malformed?: string;
  readonly org_name: string | null;
  readonly [name: string]: unknown;
}

describe.skipIf(!aggregate.isHere)(`DMARC reports of others${aggregate.note}`, () => {
  const expected: Record<string, ExpectedAggregate> = aggregate.json("expected.json");
  test.each(Object.entries(expected))("%s adds up", async (file, truth) => {
    const reading = await read(file, aggregate.bytes(file));
    const found = reportOf(reading);
    if (truth.malformed !== undefined) {
      if (reading.kind === "refused") expect(reading.why).toMatch(/\w+ \w+/);
      else expect(found?.kind).toBe("dmarc-aggregate");
      return;
    }
    if (found?.kind !== "dmarc-aggregate")
      throw new Error(`not read: ${JSON.stringify(reading).slice(0, 300)}`);
    const { report } = found;
    const sums = sumAggregateReport(report);
    expect({
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
    }).toEqual({ ...truth, begin: Number(truth["begin"]), end: Number(truth["end"]) });
  });
});

describe.skipIf(!tls.isHere)(`TLS reports of others${tls.note}`, () => {
  test.each(Object.entries(tls.json("expected.json")))("%s adds up", async (file, truth) => {
    const found = reportOf(await read(file, tls.bytes(file)));
    if (found?.kind !== "tls") throw new Error("not read");
    const { report } = found;
    expect({
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
    }).toEqual(truth);
  });
});

describe.skipIf(!feedback.isHere)(`feedback reports of others${feedback.note}`, () => {
  const known: Record<string, Record<string, unknown> | null> = feedback.json("expected.json");
  test.each(Object.entries(known))("%s tells its fields", async (file, truth) => {
    const reading = await read(file, feedback.bytes(file));
    const found = reading.kind === "report" ? reading.reports[0] : undefined;
    if (found?.kind !== "dmarc-failure")
      throw new Error(`not read: ${JSON.stringify(reading).slice(0, 300)}`);
    const { report } = found;
    expect(report.sourceIp).not.toBeNull();
    if (truth === null) return;
    expect({
      feedback_type: report.type,
      arrival_date:
        report.arrivalDate === null ? null : Date.parse(report.arrivalDate.replace(/\(.*\)/, "")) / 1000,
      authentication_results: report.authenticationResults,
      incidents: report.incidents,
      original_envelope_id: report.originalEnvelopeId,
      original_mail_from: report.originalMailFrom,
      original_rcpt_to: report.originalRecipients[0] ?? null,
      reported_domain: report.reportedDomains,
      reported_uri: report.reportedUris,
      reporting_mta: report.reportingMta,
      source_ip: report.sourceIp,
      user_agent: report.userAgent,
      version: Number(report.version),
      source_port: report.sourcePort ?? 0,
      auth_failure: report.authFailure?.failure,
      dkim_domain: report.authFailure?.dkimDomain,
      dkim_identity: report.authFailure?.dkimIdentity,
      dkim_selector: report.authFailure?.dkimSelector,
      dkim_selector_dns: report.authFailure?.dkimSelectorDns,
      dkim_canonicalized_body: report.authFailure?.dkimCanonicalizedBody,
      dkim_canonicalized_header: report.authFailure?.dkimCanonicalizedHeader,
      spf_dns: report.authFailure?.spfDns,
    }).toEqual(asWritten(truth));
  });
});

/** Their reader has names of its own for the values of the registry, and keeps folds. */
function asWritten(truth: Record<string, unknown>): Record<string, unknown> {
  const unfold = (text: unknown) => (typeof text === "string" ? text.replaceAll(/\s+/g, "") : text);
  const unused = ["message", "headers", "delivery_result", "identity_alignment", "dkim_adsp_dns"];
  const kept = Object.fromEntries(Object.entries(truth).filter(([name]) => !unused.includes(name)));
  return {
    ...kept,
    feedback_type: String(kept["feedback_type"])
      .replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`)
      .toLowerCase(),
    auth_failure: String(kept["auth_failure"]).toLowerCase(),
    authentication_results: (kept["authentication_results"] as string[]).map((text) =>
      text.replaceAll(/\s+/g, " "),
    ),
    dkim_canonicalized_body: unfold(kept["dkim_canonicalized_body"]),
    dkim_canonicalized_header: unfold(kept["dkim_canonicalized_header"]),
  };
}
