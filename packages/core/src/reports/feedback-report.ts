import { headerOf, type MailTree, parseHeaderLines } from "../bounces/index.ts";
import { normalIp } from "./ip-text.ts";
import type { ReportReading } from "./report-element.ts";

/** Kinds of feedback in the registry (RFC 5965 §7.3, RFC 6591, RFC 6430), and `other` for what is not in it. */
const feedbackTypes = [
  "abuse",
  "fraud",
  "virus",
  "not-spam",
  "auth-failure",
  "opt-out",
  "opt-out-list",
  "miscategorized",
  "other",
] as const;
export type FeedbackType = (typeof feedbackTypes)[number];

/** What an authentication failure report says in its own fields (RFC 6591 §3, RFC 9991). */
export interface AuthFailureFacts {
  /** `dmarc`, `adsp`, `bodyhash`, `revoked`, `signature` or `spf`. */
  readonly failure: string | null;
  readonly deliveryResult: string | null;
  readonly dkimDomain: string | null;
  readonly dkimIdentity: string | null;
  readonly dkimSelector: string | null;
  readonly dkimSelectorDns: string | null;
  readonly dkimAdspDns: string | null;
  readonly dkimCanonicalizedHeader: string | null;
  readonly dkimCanonicalizedBody: string | null;
  readonly spfDns: string | null;
  /** Which of dkim and spf were aligned (RFC 7489 §7.3.1). */
  readonly identityAlignment: string | null;
}

/** A feedback report in its format (RFC 5965): a complaint, or an authentication failure. Holds addresses. */
export interface FeedbackReport {
  readonly type: FeedbackType;
  readonly userAgent: string | null;
  readonly version: string | null;
  readonly originalEnvelopeId: string | null;
  readonly originalMailFrom: string | null;
  readonly originalRecipients: readonly string[];
  /** As written: RFC 5322. */
  readonly arrivalDate: string | null;
  readonly reportingMta: string | null;
  readonly sourceIp: string | null;
  readonly sourcePort: number | null;
  readonly incidents: number;
  readonly authenticationResults: readonly string[];
  readonly reportedDomains: readonly string[];
  readonly reportedUris: readonly string[];
  readonly authFailure: AuthFailureFacts | null;
  /** Of the message complained of: what tells whose it was, and to whom it went where no field says so. */
  readonly original: {
    readonly messageId: string | null;
    readonly feedbackId: string | null;
    readonly from: string | null;
    readonly to: string | null;
    /** Of its first DKIM signature. */
    readonly dkimDomain: string | null;
    readonly dkimSelector: string | null;
  };
}

const valuesMax = 200;
const valueCharsMax = 4000;
const canonicalCharsMax = 64 * 1024;

/**
 * Reads the report that a mail carries: the fields of `message/feedback-report`, or the words of those who write them
 * without a part of their own. Refuses a mail that carries none.
 */
export function parseFeedbackReport(mail: MailTree): ReportReading<FeedbackReport> {
  const part = mail.parts.find(({ contentType }) => contentType === "message/feedback-report");
  const fields = part?.text ?? fieldsInText(mail) ?? fieldsOfOldReports(mail);
  if (fields === null) return { kind: "refused", why: "the mail carries no feedback report" };
  const { report, notes } = readFields(fields, mail);
  return { kind: "read", report, notes };
}

function fieldsInText({ text }: MailTree): string | null {
  const at = /^feedback-type\s*:/im.exec(text)?.index;
  if (at !== undefined && /^(?:user-agent|version|source-ip)\s*:/im.test(text)) return text.slice(at);
  const domain = /^\s{0,20}sender domain:\s{0,20}(\S{1,255})/im.exec(text)?.[1];
  const address = /^\s{0,20}sender ip address:\s{0,20}(\S{1,64})/im.exec(text)?.[1];
  if (domain === undefined || address === undefined || !/dmarc/i.test(text)) return null;
  const date = /^\s{0,20}received date:\s{0,20}(.{1,100})$/im.exec(text)?.[1] ?? "";
  const aligned = ["DKIM", "SPF"].filter((name) =>
    new RegExp(`^\\s{0,20}${name} Alignment:\\s{0,20}yes`, "im").test(text),
  );
  return [
    "Feedback-Type: auth-failure",
    "Auth-Failure: dmarc",
    `Reported-Domain: ${domain}`,
    `Source-IP: ${address}`,
    `Arrival-Date: ${date}`,
    `Identity-Alignment: ${aligned.join(",").toLowerCase() || "none"}`,
  ].join("\n");
}

/** Hotmail sent the mail itself, with the address of the server in the subject. */
function fieldsOfOldReports(mail: MailTree): string | null {
  const subject = headerOf(mail, "subject");
  const isReport =
    /^(?:complaint about message from|\[?abuse report\]?|spam report|email (?:abuse|feedback) report)\b/i.test(
      subject,
    );
  const inner = mail.parts.find(({ message }) => message !== null)?.message;
  if (!isReport || inner === undefined || inner === null) return null;
  const address = /\b(\d{1,3}(?:\.\d{1,3}){3})\b/.exec(subject)?.[1];
  const recipient = headerOf(inner, "x-hmxmroriginalrecipient");
  return [
    "Feedback-Type: abuse",
    ...(address === undefined ? [] : [`Source-IP: ${address}`]),
    ...(recipient === "" ? [] : [`Original-Rcpt-To: ${recipient}`]),
  ].join("\n");
}

function readFields(fields: string, mail: MailTree): { report: FeedbackReport; notes: string[] } {
  const headers = parseHeaderLines(fields.slice(0, 2 * canonicalCharsMax));
  const all = (name: string) =>
    headers
      .flatMap((header) =>
        header.name === name && header.value.trim() !== ""
          ? [header.value.trim().slice(0, valueCharsMax)]
          : [],
      )
      .slice(0, valuesMax);
  const one = (name: string) => all(name)[0] ?? null;
  const typeText = (one("feedback-type") ?? "").toLowerCase();
  const type = feedbackTypes.find((known) => known === typeText) ?? "other";
  const address = one("source-ip");
  const port = Number(one("source-port") ?? Number.NaN);
  const incidents = Number(one("incidents") ?? 1);
  const notes =
    type === "other" && typeText !== "other"
      ? [`the feedback type "${typeText.slice(0, 40)}" is not in the registry`]
      : [];
  const report: FeedbackReport = {
    type,
    userAgent: one("user-agent"),
    version: one("version"),
    originalEnvelopeId: one("original-envelope-id"),
    originalMailFrom: bareAddress(one("original-mail-from")),
    originalRecipients: [...all("original-rcpt-to"), ...all("removal-recipient")].flatMap(
      (value) => bareAddress(value) ?? [],
    ),
    arrivalDate: one("arrival-date") ?? one("received-date"),
    reportingMta: one("reporting-mta")?.replace(/^\s*dns\s*;\s*/i, "") ?? null,
    sourceIp: address === null ? null : normalIp(address.split(/[\s(]/)[0] ?? ""),
    sourcePort: Number.isInteger(port) && port > 0 && port < 65_536 ? port : null,
    incidents: Number.isInteger(incidents) && incidents > 0 && incidents < 1_000_000_000 ? incidents : 1,
    authenticationResults: all("authentication-results"),
    reportedDomains: all("reported-domain").map((domain) => domain.toLowerCase()),
    reportedUris: all("reported-uri"),
    authFailure: type === "auth-failure" ? readAuthFailure(one, fields) : null,
    original: readOriginal(mail),
  };
  return { report, notes };
}

function readAuthFailure(one: (name: string) => string | null, fields: string): AuthFailureFacts {
  return {
    failure: one("auth-failure")?.toLowerCase() ?? null,
    deliveryResult: one("delivery-result")?.toLowerCase() ?? null,
    dkimDomain: one("dkim-domain")?.toLowerCase() ?? null,
    dkimIdentity: one("dkim-identity"),
    dkimSelector: one("dkim-selector"),
    dkimSelectorDns: one("dkim-selector-dns"),
    dkimAdspDns: one("dkim-adsp-dns"),
    dkimCanonicalizedHeader: rawValue(fields, "dkim-canonicalized-header"),
    dkimCanonicalizedBody: rawValue(fields, "dkim-canonicalized-body"),
    spfDns: one("spf-dns"),
    identityAlignment: one("identity-alignment")?.toLowerCase() ?? null,
  };
}

/** Base64 in folded lines: the blanks between them are no part of it. */
function rawValue(fields: string, name: string): string | null {
  const value = parseHeaderLines(fields.slice(0, 2 * canonicalCharsMax)).find(
    (header) => header.name === name,
  )?.value;
  return value?.replaceAll(/\s+/g, "").slice(0, canonicalCharsMax) || null;
}

function readOriginal(mail: MailTree): FeedbackReport["original"] {
  const message = mail.parts.find((part) => part.message !== null)?.message;
  const text = mail.parts.find(({ contentType }) => contentType.startsWith("text/rfc822-header"))?.text ?? "";
  const headers = message?.headers ?? parseHeaderLines(text);
  const value = (name: string) => headerOf({ headers }, name) || null;
  const signature = value("dkim-signature") ?? "";
  const tag = (name: string) =>
    new RegExp(`(?:^|;)\\s{0,20}${name}\\s{0,20}=\\s{0,20}([^;\\s]{1,255})`).exec(signature)?.[1] ?? null;
  return {
    messageId: /<([^<>\s]{1,250})>/.exec(value("message-id") ?? "")?.[1] ?? null,
    feedbackId: value("feedback-id"),
    from: value("from"),
    to: value("to"),
    dkimDomain: tag("d"),
    dkimSelector: tag("s"),
  };
}

function bareAddress(value: string | null): string | null {
  return (
    value
      ?.replace(/^[^;]{0,20};/, "")
      .replaceAll(/[<>]/g, "")
      .trim() || null
  );
}
