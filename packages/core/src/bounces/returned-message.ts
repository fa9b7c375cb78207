import { findAddresses } from "./address-in-text.ts";
import { headerOf, type MailHeader, type MailTree, parseHeaderLines } from "./mail-tree.ts";
import { returnedMarks } from "./returned-marks.ts";

/** What a notice gives back of the message that it is about. */
export interface ReturnedMessage {
  readonly messageId: string | null;
  /** `Feedback-ID`, which tells whose message it was (Gmail's feedback loop). */
  readonly feedbackId: string | null;
  /** The envelope sender where it is known: a VERP address names the recipient. */
  readonly envelopeSender: string | null;
  readonly recipients: readonly string[];
  readonly subject: string | null;
}

/** A text cut where the notice ends and the message that it returns begins. */
export interface SplitNotice {
  readonly notice: string;
  readonly returned: string;
}

const noticeCharsMax = 32 * 1024;
const headerNames =
  /^(?:received|return-path|from|to|subject|date|message-id|mime-version|dkim-signature|x-[\w-]+|delivered-to|reply-to|sender)\s*:/i;

/** Cuts a notice from the message below it, by the words that servers put between them or by where headers begin. */
export function splitNotice(text: string): SplitNotice {
  const lines = text.split("\n");
  const at = lines.findIndex((line, index) => isMark(line) || beginsMessage(lines, index));
  if (at === -1) return { notice: text.slice(0, noticeCharsMax), returned: "" };
  return {
    notice: lines.slice(0, at).join("\n").slice(0, noticeCharsMax),
    returned: lines.slice(at).join("\n"),
  };
}

function isMark(line: string): boolean {
  const short = line.slice(0, 200);
  return returnedMarks.some((mark) => mark.pattern.test(short));
}

/** Three lines of headers in a row are a message, not what a server says about it. */
function beginsMessage(lines: readonly string[], index: number): boolean {
  if (
    !/^\s{0,8}(?:received|return-path|dkim-signature|delivered-to|x-originating-ip)\s*:/i.test(
      lines[index] ?? "",
    )
  )
    return false;
  const following = lines.slice(index, index + 40).filter((line) => headerNames.test(line.trimStart()));
  return following.length >= 3;
}

/** Finds the returned message in the parts of a notice, or in the text below it. */
export function readReturnedMessage(mail: MailTree, returnedText: string): ReturnedMessage {
  const part = mail.parts.find(({ message }) => message !== null)?.message;
  const headersPart = mail.parts.find(({ contentType }) => contentType.startsWith("text/rfc822-header"));
  const headers =
    part?.headers ?? parseHeaderLines(dedent(headersPart?.text ?? returnedText).slice(0, noticeCharsMax));
  return describe(headers);
}

function describe(headers: readonly MailHeader[]): ReturnedMessage {
  const value = (name: string) => headerOf({ headers }, name) || null;
  const sender = findAddresses(value("return-path") ?? "")[0]?.address ?? null;
  const to = headers.filter(({ name }) => ["to", "cc"].includes(name)).map((header) => header.value);
  return {
    messageId: /<([^<>\s]{1,250})>/.exec(value("message-id") ?? "")?.[1] ?? null,
    feedbackId: value("feedback-id"),
    envelopeSender: sender,
    recipients: findAddresses(to.join(", ").slice(0, 8000)).map(({ address }) => address),
    subject: value("subject"),
  };
}

function dedent(text: string): string {
  const start = text.split("\n").findIndex((line) => headerNames.test(line.trimStart()));
  if (start === -1) return "";
  const lines = text.split("\n").slice(start);
  const indent = /^\s*/.exec(lines[0] ?? "")?.[0].length ?? 0;
  return indent === 0 ? lines.join("\n") : lines.map((line) => line.slice(indent)).join("\n");
}
