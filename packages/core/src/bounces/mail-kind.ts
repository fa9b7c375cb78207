import { deliveryFieldPattern } from "./delivery-status.ts";
import { headerOf, type MailTree } from "./mail-tree.ts";
import { readSesNotification } from "./ses-notification.ts";

/**
 * What a mail is by its form: `status` a delivery status notification with fields, `notice` a server's words about a
 * message that did not arrive, `feedback` a complaint or a report in its format, `auto-reply` and `vacation` what a
 * mailbox answers by itself, `ordinary` anything else.
 */
export type MailForm = "status" | "notice" | "feedback" | "auto-reply" | "vacation" | "ordinary";

const bounceSubject =
  /\b(?:undeliver(?:able|ed)|returned (?:mail|to sender|message|e-?mail)|mail (?:system )?(?:error|failure)|failure notice|failed (?:delivery|mail)|deliver(?:y|ies) (?:status|fail|notification|problem|error|report|has failed|incomplete)|(?:could|can) ?not (?:be )?(?:deliver|send|sent)|unable to deliver|(?:was|were|message|mail) not (?:be )?(?:deliver|sent|possible)|non[- ]?deliver|ndn:|message you sent blocked|message (?:status|delivery)|mail delivery|not deliverable|rejected (?:mail|message)|postmaster notify|loop alert|warning: (?:could not send|message)|mail(?:box)? (?:is )?(?:full|quota)|user unknown|service unavailable|bounced? (?:mail|message|e-?mail)|unzustellbar|nicht zugestellt|onbestelbaar|non remis|non recapitabil|no (?:se )?(?:pudo|puede|ha sido) entrega|no entregado|mensaje no entregado)|(?:não entregue|échec de (?:la )?remise|не доставлено|недоставлен|退信|未送達|配信不能|送信できません|エラーメール)/iu;
const serverSender =
  /\b(?:mailer[- ]?daemon|postmaster|post_master|mail delivery (?:system|subsystem)|mail-daemon|maildaemon|delivery subsystem|system administrator|mail administrator|microsoftexchange\w*|internet mail delivery|ndr administrator)\b/i;
const bounceWords =
  /no such user|invalid user|not a known user|trouble delivering|error (?:delivering|has occurred while attempting to deliver)|(?:could not|couldn't|cannot|can't|unable to|not able to|wasn't able to|was unable to|weren't able to|were unable to|failed to|has not (?:yet )?been|was not|not) (?:be )?(?:deliver|send|sent|reach)|undeliverable|(?:permanent|fatal|delivery) (?:error|problem|failure)|delivery (?:has )?failed|failed permanently|user unknown|unknown user|address(?:\(es\)|es)? (?:had|failed)|did not reach the following|mailbox is full|account is disabled|non-delivered|returned (?:mail|message)|was rejected by|were rejected|[245]\d\d [245]\.\d\.\d|no message collected|duplicated message-id|не может быть доставлено|送信できませんでした|no pudo ser entregado|nicht zugestellt/iu;
const vacationWords =
  /\b(?:out of (?:the )?office|vacation|on (?:holiday|leave)|annual leave|abwesen|away (?:from|until|message)|i am away|i'm away|automatic (?:reply|response)|auto[- ]?(?:matic )?(?:reply|response|responder|antwort)|autoreply|absence|fuera de la oficina|r[ée]ponse automatique|will be back|not in the office)\b/iu;

/** Tells the form of a mail. What only looks a little like a bounce stays an ordinary mail. */
export function formOf(mail: MailTree): MailForm {
  const ses = readSesNotification(mail);
  if (ses !== null) return ses.kind;
  if (isFeedback(mail)) return "feedback";
  const reportType = /report-type="?([\w-]+)/i.exec(headerOf(mail, "content-type"))?.[1]?.toLowerCase();
  if (reportType === "disposition-notification" || reportType === "tlsrpt") return "auto-reply";
  if (reportType === "delivery-status" || mail.parts.some(({ contentType }) => isStatusType(contentType))) {
    return "status";
  }
  const server = serverMarks(mail);
  if (server > 0 && quotesStatus(mail)) return "status";
  const all = server + textMarks(mail);
  if (server > 0 && all >= 3) return "notice";
  const isNotice =
    all >= 2 && (server > 0 || /^loop alert\b/i.test(headerOf(mail, "subject"))) && saysBounce(mail);
  return autoReplyForm(mail) ?? (isNotice ? "notice" : "ordinary");
}

/** What only a mail server's mail has: its sender's name, a return path that cannot be answered, its own headers. */
function serverMarks(mail: MailTree): number {
  const from = headerOf(mail, "from");
  const returnPath = headerOf(mail, "return-path");
  const isEmpty = (path: string) => /^\s*<>\s*$/.test(path);
  return [
    /\b(?:mailer|mail)[- ]?daemon|mail delivery (?:sub)?system/i.test(from),
    serverSender.test(from) || isEmpty(from) || serverSender.test(returnPath),
    isEmpty(returnPath),
    headerOf(mail, "x-failed-recipients") !== "",
    headerOf(mail, "x-failed-recipients") !== "",
    /multipart\/report/i.test(headerOf(mail, "content-type")),
  ].filter(Boolean).length;
}

function textMarks(mail: MailTree): number {
  return [bounceSubject.test(headerOf(mail, "subject")), saysBounce(mail)].filter(Boolean).length;
}

function saysBounce(mail: MailTree): boolean {
  return bounceWords.test(mail.text.slice(0, 8000));
}

export function isStatusType(contentType: string): boolean {
  return contentType === "message/delivery-status" || contentType === "message/global-delivery-status";
}

/** Some servers write the fields of RFC 3464 into a text, or mark their part as text. */
function quotesStatus(mail: MailTree): boolean {
  const text = mail.text.slice(0, 32_000);
  return deliveryFieldPattern.test(text) && /^action\s*:/im.test(text);
}

function isFeedback(mail: MailTree): boolean {
  if (/report-type="?feedback-report/i.test(headerOf(mail, "content-type"))) return true;
  if (mail.parts.some(({ contentType }) => contentType === "message/feedback-report")) return true;
  if (
    /^feedback-type\s*:/im.test(mail.text.slice(0, 8000)) &&
    /^user-agent\s*:/im.test(mail.text.slice(0, 8000))
  )
    return true;
  const isReport =
    /^(?:complaint about message from|\[?abuse report\]?|spam report|email abuse report|email feedback report for ip)\b/i;
  return isReport.test(headerOf(mail, "subject")) && mail.parts.some(({ message }) => message !== null);
}

/** RFC 3834 §5: programs that answer for a person say so in a header; many say so in the subject only. */
function autoReplyForm(mail: MailTree): "auto-reply" | "vacation" | null {
  const submitted = headerOf(mail, "auto-submitted").toLowerCase();
  const subject = headerOf(mail, "subject");
  const names = [
    "x-autoreply",
    "x-autorespond",
    "x-auto-response-suppress",
    "x-apple-action",
    "x-autogenerated",
    "x-vacation",
  ];
  const isMarked =
    submitted.startsWith("auto-replied") ||
    /\bauto_?reply\b/i.test(headerOf(mail, "precedence")) ||
    names.some((name) => headerOf(mail, name) !== "");
  const isVacation = vacationWords.test(subject) || /vacation/i.test(headerOf(mail, "x-apple-action"));
  if (!isMarked && !isVacation) return null;
  return isVacation || vacationWords.test(mail.text.slice(0, 2000)) ? "vacation" : "auto-reply";
}
