import type { ReplyCategory } from "../delivery/index.ts";
import { findAddresses, firstAddress } from "./address-in-text.ts";
import { type BounceFacts, classifyBounce } from "./classify-bounce.ts";
import {
  type DeliveryAction,
  deliveryFieldPattern,
  parseDeliveryStatus,
  type RecipientStatus,
} from "./delivery-status.ts";
import { isHardBounce } from "./hard-bounce.ts";
import { formOf, isStatusType } from "./mail-kind.ts";
import { headerOf, type MailTree } from "./mail-tree.ts";
import { type NoticeContext, type NoticedRecipient, readNotice } from "./read-notice.ts";
import { findReply, type QuotedReply } from "./reply-in-words.ts";
import { type ReturnedMessage, readReturnedMessage, splitNotice } from "./returned-message.ts";
import { readSesNotification } from "./ses-notification.ts";
import { stageIn } from "./smtp-stage.ts";

/** What a notice says of one recipient. */
export interface BouncedRecipient {
  /** Where it failed, after forwarding and aliases. */
  readonly address: string;
  /** As the sender wrote it, where the notice says so. */
  readonly originalAddress: string | null;
  readonly action: DeliveryAction;
  /** Enhanced status code (RFC 3463), from the fields or the words; never guessed. */
  readonly status: string | null;
  readonly replyCode: string | null;
  readonly category: ReplyCategory;
  readonly ruleId: string | null;
  /** The address will never take mail: its mailbox or its domain does not exist. */
  readonly isHard: boolean;
  readonly remoteMta: string | null;
  /** What the other side said, cut. Holds addresses: it must not leave the host. */
  readonly diagnostic: string;
}

/** What kind of mail it is that came back. `delayed` is still being tried, `delivered` is good news on demand. */
export type ReturnedMailKind =
  | "bounce"
  | "delayed"
  | "delivered"
  | "feedback"
  | "auto-reply"
  | "vacation"
  | "ordinary";

/** A mail that may be a bounce, read. */
export interface ReturnedMail {
  readonly kind: ReturnedMailKind;
  readonly recipients: readonly BouncedRecipient[];
  readonly reportingMta: string | null;
  readonly original: ReturnedMessage;
}

const diagnosticCharsMax = 1000;

/** Reads a mail that may be a bounce. Promises a result for any mail. */
export function readBounce(mail: MailTree): ReturnedMail {
  const form = formOf(mail);
  const { notice, returned } = splitNotice(mail.text);
  const original = readReturnedMessage(mail, returned);
  if (form !== "status" && form !== "notice") {
    return { kind: form, recipients: [], reportingMta: null, original };
  }
  const report = parseDeliveryStatus(statusText(mail));
  const facts = { notice, original, subject: headerOf(mail, "subject") };
  const noticed = readNotice(notice, contextOf(mail));
  const inner = noticed.length + report.recipients.length === 0 ? nestedBounce(mail) : null;
  if (inner !== null) return inner;
  const recipients =
    report.recipients.length > 0
      ? report.recipients.map((fields) => fromStatus(fields, noticed, facts))
      : fromNotice(noticed, facts);
  return { kind: kindOf(form, recipients), recipients, reportingMta: report.reportingMta, original };
}

/** A gateway that passes a bounce on says nothing itself: what it carries is the bounce. */
function nestedBounce(mail: MailTree): ReturnedMail | null {
  const inner = mail.parts.find(({ message }) => message !== null)?.message ?? null;
  const read = inner === null ? null : readBounce(inner);
  return read !== null && read.recipients.length > 0 ? read : null;
}

function kindOf(form: "status" | "notice", recipients: readonly BouncedRecipient[]): ReturnedMailKind {
  const actions = new Set(recipients.map(({ action }) => action));
  if (actions.has("failed") || recipients.length === 0) return "bounce";
  if (actions.has("delayed")) return "delayed";
  return form === "notice" ? "bounce" : "delivered";
}

/** The fields of RFC 3464, from their own part or from where a server has written them into its words. */
function statusText(mail: MailTree): string {
  const ses = readSesNotification(mail);
  if (ses?.kind === "status") return ses.fields;
  const parts = mail.parts.filter(({ contentType }) => isStatusType(contentType)).map(({ text }) => text);
  if (parts.length > 0) return parts.join("\n\n");
  const at = deliveryFieldPattern.exec(mail.text)?.index;
  return at === undefined ? "" : mail.text.slice(at);
}

function contextOf(mail: MailTree): NoticeContext {
  const list = (name: string) =>
    findAddresses(headerOf(mail, name).slice(0, 8000)).map(({ address }) => address);
  return {
    noticeTo: [...list("to"), ...list("delivered-to"), ...list("x-original-to")],
    failedRecipients: list("x-failed-recipients"),
    domain: firstAddress(headerOf(mail, "from"))?.split("@")[1] ?? null,
  };
}

function fromStatus(
  fields: RecipientStatus,
  noticed: readonly NoticedRecipient[],
  { notice, subject }: NoticeFacts,
): BouncedRecipient {
  const named = [fields.finalRecipient, fields.originalRecipient];
  const about = noticed.find((other) => named.includes(other.address));
  const whole = [...named, noticed[0]?.address].find(
    (name) => name !== null && name !== undefined && /[^@]@[^@]/.test(name),
  );
  const words = about?.words ?? notice;
  const reply = replyFor(fields, words);
  const status = chooseStatus(fields.status, reply.status);
  const recipient = judge({
    address: whole ?? fields.finalRecipient ?? fields.originalRecipient ?? "",
    action: fields.action ?? actionOf(status),
    reply,
    status,
    remoteMta: fields.remoteMta ?? reply.remoteMta,
    stage: stageIn(`${fields.diagnostic ?? ""}\n${words}`),
    words,
    subject,
  });
  const diagnostic = (fields.diagnostic ?? reply.text).slice(0, diagnosticCharsMax);
  return { ...recipient, originalAddress: fields.originalRecipient, diagnostic };
}

/** Joins what is known of one failure with what it means. */
function judge(
  facts: BounceFacts & { readonly address: string; readonly action: DeliveryAction },
): BouncedRecipient {
  const { address, action, reply, status, remoteMta, stage } = facts;
  const { category, ruleId } = classifyBounce(facts);
  return {
    address,
    originalAddress: null,
    action,
    status,
    replyCode: reply.code,
    category,
    ruleId,
    isHard: isHardBounce({
      category,
      ruleId,
      action,
      status,
      replyCode: reply.code,
      stage,
      said: reply.text,
    }),
    remoteMta,
    diagnostic: reply.text.slice(0, diagnosticCharsMax),
  };
}

/** The diagnostic field is what was said; where it says nothing (a bare exit code), the notice's words are. */
function replyFor({ diagnostic }: RecipientStatus, words: string): QuotedReply {
  const isTelling = diagnostic !== null && /\p{L}{2}/u.test(diagnostic);
  const said = findReply(isTelling ? diagnostic : words);
  return said.code === null && isTelling ? { ...said, code: findReply(words).code } : said;
}

/** Some notices tell what was replied first and who it was about later. */
function quoted(notice: string): QuotedReply | null {
  const reply = findReply(notice);
  return reply.code === null ? null : reply;
}

function actionOf(status: string | null): DeliveryAction {
  if (status?.startsWith("4") === true) return "delayed";
  return status?.startsWith("2") === true ? "delivered" : "failed";
}

interface NoticeFacts {
  readonly notice: string;
  readonly original: ReturnedMessage;
  readonly subject: string;
}

function fromNotice(
  noticed: readonly NoticedRecipient[],
  { notice, original, subject }: NoticeFacts,
): BouncedRecipient[] {
  const known =
    noticed.length > 0
      ? noticed
      : original.recipients.slice(0, 1).map((address) => ({ address, words: notice }));
  const action = isDelayWarning(notice, subject) ? "delayed" : "failed";
  return known.map(({ address, words }) => {
    const said = findReply(words);
    const reply = said.code === null && said.status === null ? (quoted(notice) ?? said) : said;
    const { status, remoteMta } = reply;
    return judge({ address, action, reply, status, remoteMta, stage: stageIn(words), words, subject });
  });
}

/** What the other side said goes before what the reporting server made of it. */
function chooseStatus(field: string | null, said: string | null): string | null {
  if (field === null || said === null) return field ?? said;
  return /^[245]\.0\.0$/.test(said) ? field : said;
}

function isDelayWarning(notice: string, subject: string): boolean {
  const words = `${subject}\n${notice.slice(0, 4000)}`;
  return (
    /\b(?:still being retried|warning message only|warning only|has not yet been delivered|will (?:continue to )?(?:be retried|keep trying|try again)|delayed \d+ hours|could not send message for past|will be retried until)\b/i.test(
      words,
    ) && !/permanent(?:ly)? (?:error|fail)|giving up|given up/i.test(words)
  );
}
