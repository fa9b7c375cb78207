const replyLengthMax = 400;
/** Nobody reads on, and what looks for addresses takes ever longer. */
const replyReadMax = 2000;

const knownRepliesMax = 200;
const knownReplies = new Map<string, string>();

/**
 * A receiver's reply without what tells of a person: mail addresses, their encoded forms in links, and ids of messages
 * are replaced; codes, hosts, addresses of hosts and links stay, since they say what is wrong.
 */
export function redactReply(reply: string): string {
  // The same is said again and again, and much is looked for in it.
  const known = knownReplies.get(reply);
  if (known !== undefined) return known;
  const redacted = redact(reply);
  if (knownReplies.size >= knownRepliesMax) knownReplies.clear();
  if (reply.length <= replyReadMax) knownReplies.set(reply, redacted);
  return redacted;
}

function redact(reply: string): string {
  const redacted = reply
    .slice(0, replyReadMax)
    // A word that is encoded for a header (RFC 2047) may say anything.
    .replaceAll(/=\?[^?\s]+\?[bq]\?[^?\s]*(?:\?=)?/giu, "…")
    // Addresses with or without brackets, also with a quoted local part (RFC 5321 §4.1.2) and beyond ASCII (RFC 6531).
    .replaceAll(/<[^<>\s]*@[^<>\s]*>/gu, "<address>")
    .replaceAll(/"[^"]+"@[^\s<>(),;:"']+/gu, "address")
    // Equal signs and apostrophes stand within a local part, as in a return path that names a recipient, and before one.
    .replaceAll(/[^\s<>(),;:"'=&?/[\]][^\s<>(),;:"&?/[\]]*@[^\s<>(),;:"'&/[\]]+/gu, "address")
    // In a link, at and plus signs are written as codes.
    .replaceAll(/[^\s<>(),;:"'=&?/]+%40[^\s<>(),;:"'&/]+/giu, "address")
    .replaceAll(/\b((?:message|msg)[-_ ]?id)\s*[:=]\s*\S+/giu, "$1=…")
    .replace(/\bsubject\s*[:=].*/isu, "subject=…")
    // What remains of a person where a receiver names the part before the sign only.
    .replaceAll(/(User unknown|unknown user|no such user|mailbox)([: ]+)["'][^"']+["']/giu, "$1$2…")
    .replaceAll(/\b(unknown user|no such user|user not found)(:\s*)[^\s"'<>,;:]+/giu, "$1$2…")
    .replaceAll(/\b(no such user|user|mailbox|account|recipient)(\s+)[\w+-]+(?:[._][\w+-]+)+/giu, "$1$2…")
    .replaceAll(
      /(?<![\w.<])[a-z][\w+-]*(?:[._][\w+-]+)+(?=:\s+(?:user unknown|unknown user|no such user|user not found))/giu,
      "…",
    );
  const points = [...redacted];
  return points.length > replyLengthMax ? `${points.slice(0, replyLengthMax - 1).join("")}…` : redacted;
}
