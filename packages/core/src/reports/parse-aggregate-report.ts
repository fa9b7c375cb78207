import type {
  AggregateDisposition,
  AggregatePolicy,
  AggregateRecord,
  AggregateReport,
  AuthResult,
  PublishedPolicy,
} from "./aggregate-report.ts";
import { normalIp } from "./ip-text.ts";
import { childAt, childrenOf, type ReportElement, type ReportReading, textAt } from "./report-element.ts";

/** Records of one report beyond which the rest is left out and said to be. */
export const aggregateRecordsMax = 100_000;
const notesMax = 20;
const partsMax = 50;
const countMax = 1_000_000_000;
const dispositions: readonly AggregateDisposition[] = ["none", "quarantine", "reject", "pass"];
const policies: readonly PublishedPolicy[] = ["none", "quarantine", "reject"];

/**
 * Reads a DMARC aggregate report as receivers write them: RFC 7489, the drafts before it and RFC 9990, in any
 * namespace. A record without a sensible count is left out and noted. Refuses what names no domain or no time.
 * `records` are those of `parseAggregateRecord`, where somebody has read them one by one so that a large report never
 * stands in memory as a tree.
 */
export function parseAggregateReport(
  root: ReportElement,
  records?: Iterable<AggregateRecord | string>,
): ReportReading<AggregateReport> {
  const feedback = root.name === "feedback" ? root : childAt(root, "feedback");
  if (feedback === undefined) return { kind: "refused", why: "the report holds no feedback" };
  const metadata = childAt(feedback, "report_metadata");
  const policy = readPolicy(childAt(feedback, "policy_published"));
  if (policy === null) return { kind: "refused", why: "the report names no domain in policy_published" };
  const beginS = secondsOf(textAt(metadata, "date_range", "begin"));
  const endS = secondsOf(textAt(metadata, "date_range", "end"));
  if (beginS === null || endS === null)
    return { kind: "refused", why: "the report names no time in date_range" };
  const notes: string[] = [];
  if (beginS > endS) notes.push("the report ends before it begins");
  const report = {
    organisation: textAt(metadata, "org_name"),
    email: textAt(metadata, "email"),
    reportId: textAt(metadata, "report_id") ?? "",
    beginS,
    endS,
    policy,
    records: collectRecords(records ?? childrenOf(feedback, "record").map(parseAggregateRecord), notes),
  };
  return { kind: "read", report, notes };
}

function readPolicy(published: ReportElement | undefined): AggregatePolicy | null {
  const domain = textAt(published, "domain")?.toLowerCase().replace(/\.$/, "");
  if (domain === undefined || !/^[^\s/@]{1,255}$/.test(domain)) return null;
  const percent = Number(textAt(published, "pct") ?? Number.NaN);
  return {
    domain,
    policy: oneOf(policies, textAt(published, "p")),
    subdomainPolicy: oneOf(policies, textAt(published, "sp")),
    missingDomainPolicy: oneOf(policies, textAt(published, "np")),
    percent: Number.isInteger(percent) && percent >= 0 && percent <= 100 ? percent : null,
    dkimAlignment: oneOf(["r", "s"] as const, textAt(published, "adkim")),
    spfAlignment: oneOf(["r", "s"] as const, textAt(published, "aspf")),
    isTesting: { y: true, n: false }[textAt(published, "testing")?.toLowerCase() ?? ""] ?? null,
    discoveryMethod: textAt(published, "discovery_method"),
  };
}

function collectRecords(readings: Iterable<AggregateRecord | string>, notes: string[]): AggregateRecord[] {
  const records: AggregateRecord[] = [];
  let number = 0;
  for (const record of readings) {
    number += 1;
    if (records.length === aggregateRecordsMax) {
      notes.push(`the report has more than ${aggregateRecordsMax} records; the rest is left out`);
      break;
    }
    if (typeof record !== "string") {
      records.push(record);
      if (record.sourceIp === null && notes.length < notesMax)
        notes.push(`record ${number} names no IP address`);
    } else if (notes.length < notesMax) notes.push(`record ${number} is left out: ${record}`);
  }
  return records;
}

/** Reads one record; a text says why it cannot be read. */
export function parseAggregateRecord(element: ReportElement): AggregateRecord | string {
  const row = childAt(element, "row");
  if (row === undefined) return "it has no row";
  const evaluated = childAt(row, "policy_evaluated");
  // Drafts call them identities.
  const identifiers = childAt(element, "identifiers") ?? childAt(element, "identities");
  const results = childAt(element, "auth_results");
  const address = textAt(row, "source_ip");
  const count = Number(textAt(row, "count") ?? Number.NaN);
  if (!Number.isInteger(count) || count < 0 || count > countMax) return "its count is no number of messages";
  return {
    sourceIp: address === null ? null : normalIp(address),
    count,
    disposition: oneOf(dispositions, textAt(evaluated, "disposition")) ?? "unknown",
    isDkimAligned: textAt(evaluated, "dkim")?.toLowerCase() === "pass",
    isSpfAligned: textAt(evaluated, "spf")?.toLowerCase() === "pass",
    reasons: childrenOf(evaluated, "reason")
      .slice(0, partsMax)
      .flatMap((reason) => {
        const type = textAt(reason, "type")?.toLowerCase();
        return type === undefined ? [] : [{ type, comment: textAt(reason, "comment") }];
      }),
    headerFrom: domainAt(identifiers, "header_from"),
    envelopeFrom: domainAt(identifiers, "envelope_from"),
    envelopeTo: domainAt(identifiers, "envelope_to"),
    dkim: readResults(results, "dkim"),
    spf: readResults(results, "spf"),
  };
}

function readResults(results: ReportElement | undefined, method: "dkim" | "spf"): AuthResult[] {
  return childrenOf(results, method)
    .slice(0, partsMax)
    .map((result) => ({
      domain: domainAt(result, "domain"),
      selector: textAt(result, "selector"),
      scope: textAt(result, "scope")?.toLowerCase() ?? null,
      result: textAt(result, "result")?.toLowerCase() ?? "none",
      comment: textAt(result, "human_result"),
    }));
}

function domainAt(element: ReportElement | undefined, name: string): string | null {
  return textAt(element, name)?.toLowerCase().replace(/\.$/, "") ?? null;
}

/** Some write the seconds with a fraction. Times beyond what a calendar shows are none. */
function secondsOf(text: string | null): number | null {
  const seconds = Math.floor(Number(text ?? Number.NaN));
  return Number.isFinite(seconds) && seconds >= 0 && seconds < 100_000_000_000 ? seconds : null;
}

function oneOf<Value extends string>(values: readonly Value[], text: string | null): Value | null {
  return values.find((value) => value === text?.toLowerCase()) ?? null;
}
