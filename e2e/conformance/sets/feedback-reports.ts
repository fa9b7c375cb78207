import { isDeepStrictEqual } from "node:util";
import { readArrivedMail } from "@mailstead/agent/reports";
import type { FeedbackReport } from "@mailstead/core/reports";
import type { Material } from "../material.ts";
import { type ScoreBook, shown } from "../score.ts";

type Facts = Readonly<Record<string, unknown>>;

/** Complaints and failure reports: every field of which the truth is known; the others are to be reports at least. */
export async function scoreFeedbackReports(material: Material, book: ScoreBook): Promise<void> {
  const known = book.open("known as reports of their kind");
  const fields = book.open("fields", 1);
  const truths = material.json<Record<string, Facts | null>>("expected.json") ?? {};
  for (const [file, truth] of Object.entries(truths)) {
    const bytes = material.bytes(file);
    if (bytes === null) continue;
    await book.attempt(file, fields, async () => {
      const arrived = await readArrivedMail(bytes);
      const failure = arrived.kind === "report" ? arrived.reports[0] : undefined;
      const own = arrived.kind === "complaint" ? arrived.report : undefined;
      const report = own ?? (failure?.kind === "dmarc-failure" ? failure.report : undefined);
      known.add(report !== undefined && report.sourceIp !== null, `${file}: ${shown(arrived)}`);
      if (truth === null) return;
      const found = report === undefined ? {} : factsOf(report);
      for (const [name, value] of Object.entries(asWritten(truth)))
        fields.add(
          isDeepStrictEqual(found[name], value),
          `${file}: ${name} ${shown(found[name])}, not ${shown(value)}`,
        );
    });
  }
}

function factsOf(report: FeedbackReport): Facts {
  const failure = report.authFailure;
  return {
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
    auth_failure: failure?.failure ?? null,
    dkim_domain: failure?.dkimDomain ?? null,
    dkim_identity: failure?.dkimIdentity ?? null,
    dkim_selector: failure?.dkimSelector ?? null,
    dkim_selector_dns: failure?.dkimSelectorDns ?? null,
    dkim_canonicalized_body: withoutFolds(failure?.dkimCanonicalizedBody ?? null),
    dkim_canonicalized_header: withoutFolds(failure?.dkimCanonicalizedHeader ?? null),
    spf_dns: failure?.spfDns ?? null,
  };
}

/** What we keep elsewhere (the message itself) or not at all (ADSP, which is historic: RFC 5617). */
const notAsked = ["message", "headers", "delivery_result", "identity_alignment", "dkim_adsp_dns"];

/** Their reader has names of its own for the values of the registry, and keeps folds. */
function asWritten(truth: Facts): Facts {
  return Object.fromEntries(
    Object.entries(truth).flatMap(([name, value]) => {
      if (notAsked.includes(name)) return [];
      if (name === "feedback_type") return [[name, dashed(String(value))]];
      if (name === "auth_failure") return [[name, value === null ? null : String(value).toLowerCase()]];
      if (name === "authentication_results" && Array.isArray(value))
        return [[name, value.map((text) => String(text).replaceAll(/\s+/g, " "))]];
      if (name.startsWith("dkim_canonicalized")) return [[name, withoutFolds(value)]];
      return [[name, value]];
    }),
  );
}

function dashed(name: string): string {
  return name.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
}

function withoutFolds(text: unknown): unknown {
  return typeof text === "string" ? text.replaceAll(/\s+/g, "") : text;
}
