import type { MailPart, MailTree } from "@mailstead/core/bounces";
import PostalMime, { decodeWords, type Email } from "postal-mime";
import { decodeText } from "./decode-text.ts";
import { reportLimits } from "./report-limits.ts";
import { textOfHtml } from "./text-of-html.ts";

/** A file that came with a mail, as bytes. */
export interface MailFile {
  readonly contentType: string;
  readonly fileName: string | null;
  readonly bytes: Uint8Array;
}

/** A mail as it was received: taken apart, and the files that it carries. */
export interface ReceivedMail {
  readonly tree: MailTree;
  readonly files: readonly MailFile[];
}

/** Either the mail, or one sentence on why nothing was read. */
export type MailReading = { kind: "read"; mail: ReceivedMail } | { kind: "refused"; why: string };

/** Takes a mail apart within the limits. Never throws: what is broken beyond reading or too large is refused. */
export async function readMail(bytes: Uint8Array): Promise<MailReading> {
  if (bytes.byteLength > reportLimits.mailBytesMax) {
    return { kind: "refused", why: `the mail has ${bytes.byteLength} bytes, more than are read` };
  }
  try {
    return { kind: "read", mail: await readNested(withoutEnvelope(bytes), 0) };
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    return { kind: "refused", why: `the mail cannot be taken apart: ${problem}` };
  }
}

/** Mailbox files put blank lines or a "From " line before the headers, which would hide them. */
function withoutEnvelope(bytes: Uint8Array): Uint8Array {
  const start = decodeText(bytes.subarray(0, 4096));
  const skipped = /^(?:[ \t]*\r?\n)*(?:>?From [^\n]*\n)?/.exec(start)?.[0] ?? "";
  return bytes.subarray(Buffer.byteLength(skipped));
}

async function readNested(bytes: Uint8Array, depth: number): Promise<ReceivedMail> {
  refuseCrumbs(bytes);
  const email = await PostalMime.parse(bytes, {
    forceRfc822Attachments: true,
    attachmentEncoding: "arraybuffer",
    maxNestingDepth: reportLimits.mimeDepthMax,
    maxHeadersSize: reportLimits.headerBytesMax,
  });
  const files = email.attachments.slice(0, reportLimits.partsMax).map((attachment) => ({
    contentType: attachment.mimeType,
    fileName: attachment.filename,
    bytes: toBytes(attachment.content),
  }));
  const parts: MailPart[] = [];
  for (const file of files) parts.push(await readPart(file, depth));
  const text = cut(textOf(email)) || (files.length === 0 ? bodyAsItStands(bytes) : "");
  const headers = email.headers.map(({ key, value }) => ({ name: key, value: decodeWords(value) }));
  return { tree: { headers, text, parts }, files };
}

/** Every part costs its own, however small it is. Throws where a mail may have more than is borne. */
function refuseCrumbs(bytes: Uint8Array): void {
  const mail = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let lines = 0;
  for (let at = mail.indexOf("\n--"); at !== -1; at = mail.indexOf("\n--", at + 3)) {
    lines += 1;
    if (lines > reportLimits.partingLinesMax) throw new Error("it has too many parts");
  }
}

async function readPart(file: MailFile, depth: number): Promise<MailPart> {
  const { contentType, fileName } = file;
  const isMail = contentType === "message/rfc822" || contentType === "message/global";
  if (isMail && depth < reportLimits.nestedMailsMax) {
    return { contentType, fileName, text: "", message: (await readNested(file.bytes, depth + 1)).tree };
  }
  return {
    contentType,
    fileName,
    text: holdsText(contentType) ? cut(decodeText(file.bytes)) : "",
    message: null,
  };
}

function textOf(email: Email): string {
  const plain = email.text ?? "";
  return /\S/.test(plain) ? plain : textOfHtml(email.html ?? "");
}

/** Some servers announce parts and then write none: what they say still stands in the body. */
function bodyAsItStands(bytes: Uint8Array): string {
  const whole = cut(decodeText(bytes.subarray(0, reportLimits.partTextCharsMax)));
  const bodyAt = whole.indexOf("\n\n");
  return bodyAt === -1 ? "" : whole.slice(bodyAt + 2);
}

function holdsText(contentType: string): boolean {
  return contentType.startsWith("text/") || contentType.startsWith("message/") || !contentType.includes("/");
}

function cut(text: string): string {
  return text.slice(0, reportLimits.partTextCharsMax).replaceAll("\r\n", "\n").replaceAll("\r", "\n");
}

function toBytes(content: ArrayBuffer | Uint8Array | string): Uint8Array {
  if (typeof content === "string") return new TextEncoder().encode(content);
  return content instanceof Uint8Array ? content : new Uint8Array(content);
}
