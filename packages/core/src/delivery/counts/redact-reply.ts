const replyLengthMax = 400;

/**
 * A receiver's reply without what tells of a person: mail addresses, their encoded forms in links, and ids of messages
 * are replaced; codes, hosts, addresses of hosts and links stay, since they say what is wrong.
 */
export function redactReply(reply: string): string {
  const redacted = reply
    // Addresses with or without brackets, also with a quoted local part (RFC 5321 §4.1.2) and beyond ASCII (RFC 6531).
    .replaceAll(/<[^<>\s]*@[^<>\s]*>/gu, "<address>")
    .replaceAll(/"[^"\s]+"@[^\s<>(),;:"']+/gu, "address")
    .replaceAll(/[^\s<>(),;:"'=&?/[\]]+@[^\s<>(),;:"'&/[\]]+/gu, "address")
    // In a link, at and plus signs are written as codes.
    .replaceAll(/[^\s<>(),;:"'=&?/]+%40[^\s<>(),;:"'&/]+/giu, "address")
    .replaceAll(/\b((?:message|msg)[-_ ]?id|subject)\s*[:=]\s*\S+/giu, "$1=…")
    // What remains of a person where a receiver names the part before the sign only.
    .replaceAll(/(User unknown|unknown user|no such user|mailbox)([: ]+)["'][^"']+["']/giu, "$1$2…");
  const points = [...redacted];
  return points.length > replyLengthMax ? `${points.slice(0, replyLengthMax - 1).join("")}…` : redacted;
}
