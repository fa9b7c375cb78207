import { headerOf, type ReturnedMail, readBounce } from "@mailstead/core/bounces";
import { providerOfHost } from "@mailstead/core/delivery";
import { type FeedbackReport, parseFeedbackReport } from "@mailstead/core/reports";
import { type MailFile, type ReceivedMail, readMail } from "./read-mail.ts";
import { type FileReport, readReportFile } from "./read-report-file.ts";
import { newUnpackBudget } from "./unpack.ts";

/** A report that a mail carries. */
export type ArrivedReport = FileReport | ({ readonly kind: "dmarc-failure" } & ArrivedFeedback);

/** What a receiver says of one message. */
export interface ArrivedFeedback {
  readonly report: FeedbackReport;
  /** As the mail's From says, which anybody can write; null where it says none. */
  readonly reporterDomain: string | null;
  /** Whether a host of the reporter's handed the mail over, as our own Postfix saw. */
  readonly isReporterProven: boolean;
  readonly notes: readonly string[];
}

/**
 * What a mail at the mailbox for reports is. `other` is a mail that carries nothing of the kind; `refused` says in one
 * sentence why a mail that may be one is not read.
 */
export type ArrivedMail =
  | { readonly kind: "report"; readonly reports: readonly ArrivedReport[] }
  | { readonly kind: "bounce"; readonly returned: ReturnedMail }
  | ({ readonly kind: "complaint" } & ArrivedFeedback)
  | { readonly kind: "other"; readonly form: "auto-reply" | "vacation" | "ordinary" }
  | { readonly kind: "refused"; readonly why: string };

/** Reads one mail within the limits. Never throws, whatever the bytes are. */
export async function readArrivedMail(bytes: Uint8Array): Promise<ArrivedMail> {
  const reading = await readMail(bytes);
  if (reading.kind === "refused") return reading;
  try {
    return await judgeMail(reading.mail);
  } catch (cause) {
    return {
      kind: "refused",
      why: `the mail cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
    };
  }
}

async function judgeMail(mail: ReceivedMail): Promise<ArrivedMail> {
  const files = await readFiles(mail);
  if (files.kind === "report") return files;
  const feedback = parseFeedbackReport(mail.tree);
  if (feedback.kind === "read") {
    const { report, notes } = feedback;
    const reporterDomain = /@([^\s<>"@]{1,253})>?\s*$/.exec(headerOf(mail.tree, "from"))?.[1] ?? null;
    const isReporterProven = isHandedOverBy(reporterDomain, headerOf(mail.tree, "received"));
    const arrived = { report, reporterDomain, isReporterProven, notes };
    if (report.type !== "auth-failure") return { kind: "complaint", ...arrived };
    return { kind: "report", reports: [{ kind: "dmarc-failure", ...arrived }] };
  }
  const returned = readBounce(mail.tree);
  if (returned.kind === "bounce" || returned.kind === "delayed" || returned.kind === "delivered") {
    return { kind: "bounce", returned };
  }
  if (files.kind === "refused" && isCalledReport(mail)) return files;
  return { kind: "other", form: returned.kind === "feedback" ? "ordinary" : returned.kind };
}

/**
 * The first Received field is our own Postfix's: it names the sending host only where its address and its name point at
 * each other, and nothing that the host says of itself can look so. The filter lets these mails pass unjudged, so no
 * result of SPF or DKIM is there to go by.
 */
function isHandedOverBy(domain: string | null, received: string): boolean {
  const host = /^from\s+[^\s()]+\s+\(([^\s()[\]]{1,253})\s+\[/.exec(received)?.[1]?.toLowerCase();
  if (domain === null || host === undefined) return false;
  const provider = providerOfHost(domain);
  return (
    `.${host}`.endsWith(`.${domain.toLowerCase()}`) ||
    (provider !== null && provider === providerOfHost(host))
  );
}

async function readFiles({ files }: ReceivedMail): Promise<ArrivedMail> {
  const budget = newUnpackBudget();
  const reports: FileReport[] = [];
  let why: string | null = null;
  for (const file of files.filter(mayHoldReport)) {
    const reading = await readReportFile({ name: file.fileName ?? "", bytes: file.bytes }, budget);
    if (reading.kind === "reports") reports.push(...reading.reports);
    if (reading.kind === "refused") why ??= reading.why;
  }
  if (reports.length > 0) return { kind: "report", reports };
  return why === null ? { kind: "other", form: "ordinary" } : { kind: "refused", why };
}

function mayHoldReport({ contentType }: MailFile): boolean {
  return !/^(?:message|image|audio|video)\//.test(contentType) && contentType !== "text/html";
}

/** RFC 7489 §7.2.1.1 and RFC 8460 §5.3 fix the subject and the name of the file; many keep to one of the two. */
function isCalledReport({ tree, files }: ReceivedMail): boolean {
  const isNamed = files.some(
    ({ fileName, contentType }) =>
      /^[^!]*![^!]+!/.test(fileName ?? "") ||
      contentType.startsWith("application/tlsrpt") ||
      /\.xml(?:\.gz|\.zip)?$/i.test(fileName ?? ""),
  );
  return isNamed || /\breport[ -]domain\b|\bdmarc\b|\btls[ -]report/i.test(headerOf(tree, "subject"));
}
