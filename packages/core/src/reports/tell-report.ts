import { portions, redactReply } from "../delivery/index.ts";
import { toALabels } from "../dns/index.ts";
import { cutText } from "../text/index.ts";
import type { AggregateRecord, AggregateReport } from "./aggregate-report.ts";
import type { FeedbackReport } from "./feedback-report.ts";
import { normalIp } from "./ip-text.ts";
import type { TlsReport } from "./tls-report.ts";
import type { ToldAggregate, ToldFeedback, ToldRow, ToldTls } from "./told-reports.ts";
import { toldRowsMax } from "./told-reports.ts";

const secondsOf = (text: string) => Math.floor(Date.parse(text) / 1000);

/** The time that a report says it is about, in seconds since 1970; not a number where it says none. */
export function timeOfReport(report: AggregateReport | TlsReport): { beginS: number; endS: number } {
  return "policy" in report
    ? { beginS: Math.floor(report.beginS), endS: Math.floor(report.endS) }
    : { beginS: secondsOf(report.start), endS: secondsOf(report.end) };
}

/** What is told of an aggregate report: like rows summed, in as many parts as need be, none of which holds an address. */
export function tellAggregate(report: AggregateReport): ToldAggregate[] {
  const { policy } = report;
  const base = {
    reporter: reporterOf(report.organisation, report.email),
    reportId: idOf(report.reportId),
    ...timeOfReport(report),
    domain: domainOf(policy.domain) ?? "",
    policy: policy.policy,
    subdomainPolicy: policy.subdomainPolicy,
    percent: policy.percent === null ? null : Math.min(100, Math.max(0, policy.percent)),
  };
  const parts = portions(foldRows(report.records), toldRowsMax);
  return (parts.length === 0 ? [[]] : parts).map((rows, part) => ({ ...base, part, rows }));
}

/** What is told of a TLS report: each policy by itself. */
export function tellTls(report: TlsReport): ToldTls[] {
  return report.policies.slice(0, tlsPoliciesMax).flatMap((policy, part) => {
    const domain = domainOf(policy.domain);
    if (domain === null) return [];
    return [
      {
        reporter: reporterOf(report.organisation, report.contact),
        reportId: idOf(report.reportId),
        part,
        ...timeOfReport(report),
        domain,
        policyType: cutText(policy.type, 60),
        successes: policy.successes ?? 0,
        failures: policy.failures ?? policy.details.reduce((sum, { count }) => sum + count, 0),
        details: policy.details
          .slice(0, tlsDetailsMax)
          .map(({ type, count, sendingIp, receivingHost, reason }) => ({
            type: cutText(type, 60),
            count,
            sendingIp: sendingIp === null ? null : normalIp(sendingIp),
            receivingHost: domainOf(receivingHost),
            reason: reason === null ? null : cutText(redactReply(reason), 400),
          })),
      },
    ];
  });
}

/**
 * What is told of a complaint or a failure: whose mail it was and why, and nothing of whom it came from or went to.
 * Anybody can write one, so each counts once, whatever number it claims, and a complaint names its reporter only where
 * that is proven.
 */
export function tellFeedback(
  report: FeedbackReport,
  {
    reporterDomain,
    isReporterProven,
    arrivedAtMs,
  }: { reporterDomain: string | null; isReporterProven: boolean; arrivedAtMs: number },
): ToldFeedback {
  const { original, authFailure } = report;
  const said = Date.parse(report.arrivalDate ?? "");
  const isSane = said <= arrivedAtMs + dayMs && said > arrivedAtMs - 90 * dayMs;
  const dkimDomain = domainOf(authFailure?.dkimDomain ?? original.dkimDomain);
  const kind = report.type === "auth-failure" ? "failure" : "complaint";
  const claimed = domainOf(reporterDomain) ?? domainOf(report.reportingMta) ?? report.userAgent;
  const reporter =
    (isReporterProven ? domainOf(reporterDomain) : kind === "failure" ? claimed : null) ?? "unknown";
  const domains = [
    ...report.reportedDomains.map(domainOf),
    domainOf(original.from),
    dkimDomain,
    domainOf(report.originalMailFrom),
  ].filter((domain) => domain !== null);
  return {
    kind,
    type: report.type,
    reporter: cutText(redactReply(reporter), 253),
    domains: [...new Set(domains)].slice(0, 6),
    at: isSane ? said : arrivedAtMs,
    sourceIp: report.sourceIp,
    incidents: 1,
    dkimDomain,
    dkimSelector: withoutAddress(authFailure?.dkimSelector ?? original.dkimSelector, 100),
    feedbackId: withoutAddress(original.feedbackId, 200),
    failure: withoutAddress(authFailure?.failure ?? null, 60),
    results: resultsOf(report.authenticationResults),
  };
}

const dayMs = 86_400_000;
const addressLengthMax = 1000;
const domainLengthMax = 253;
const tlsPoliciesMax = 1000;
const tlsDetailsMax = 200;

/** Rows that differ in nothing that is told are one. */
function foldRows(records: readonly AggregateRecord[]): ToldRow[] {
  const rows = new Map<string, ToldRow>();
  for (const record of records) {
    if (record.count <= 0) continue;
    const { count, ...told } = rowOf(record);
    const key = JSON.stringify(told);
    rows.set(key, { ...told, count: count + (rows.get(key)?.count ?? 0) });
  }
  return [...rows.values()];
}

function rowOf(record: AggregateRecord): ToldRow {
  const [spf] = record.spf.filter(({ domain }) => domainOf(domain) !== null);
  return {
    sourceIp: record.sourceIp,
    count: record.count,
    disposition: record.disposition,
    isDkimAligned: record.isDkimAligned,
    isSpfAligned: record.isSpfAligned,
    headerFrom: domainOf(record.headerFrom),
    dkim: record.dkim
      .flatMap(({ domain, selector, result }) => {
        const name = domainOf(domain);
        return name === null
          ? []
          : [{ domain: name, selector: withoutAddress(selector, 100), result: cutText(result, 60) }];
      })
      .slice(0, 4),
    spf: spf === undefined ? null : { domain: domainOf(spf.domain) ?? "", result: cutText(spf.result, 60) },
    reasons: [...new Set(record.reasons.map(({ type }) => cutText(type, 60)))].slice(0, 4),
  };
}

/** The domain of what may be a whole address, as DNS has it, where it is one at all. */
function domainOf(text: string | null): string | null {
  const whole = text?.slice(0, addressLengthMax).trim() ?? "";
  const [name] = whole.includes("@")
    ? (/[^\s<>"(),;@]+(?=[^@]*$)/.exec(whole.slice(whole.lastIndexOf("@") + 1)) ?? [])
    : [whole];
  const shown = name?.replace(/\.$/, "") ?? "";
  if (shown.length > domainLengthMax || !/^[\p{L}\p{M}\p{N}_-]+(?:\.[\p{L}\p{M}\p{N}_-]+)+$/u.test(shown))
    return null;
  const domain = toALabels(shown);
  return domain.length <= domainLengthMax ? domain : null;
}

/** Receivers are called by what they call themselves, and where that is nothing, by where they write from. */
function reporterOf(organisation: string | null, contact: string | null): string {
  const name = withoutAddress(organisation?.trim() || null, 200);
  return name ?? domainOf(contact) ?? "unknown";
}

/** Many make the ids of reports like those of messages, which look like addresses. */
function idOf(reportId: string): string {
  return cutText(reportId.replaceAll("@", " at "), 300);
}

function withoutAddress(text: string | null, lengthMax: number): string | null {
  return text === null || text === "" ? null : cutText(redactReply(text), lengthMax);
}

function resultsOf(lines: readonly string[]): ToldFeedback["results"] {
  const results: ToldFeedback["results"] = {};
  for (const [, method = "", result = ""] of lines
    .join(" ")
    .matchAll(/\b(spf|dkim|dmarc|arc)=([a-z]{1,20})\b/gi)) {
    const name = method.toLowerCase() as keyof typeof results;
    results[name] ??= result.toLowerCase();
  }
  return results;
}
