/** A reply of a mail server, taken apart. */
export interface SmtpReply {
  /** Three digits of RFC 5321 §4.2, or null where the text has none. */
  readonly code: string | null;
  /** Enhanced status code of RFC 3463, or null. */
  readonly enhanced: string | null;
  /** What a person reads: the lines joined, their repeated codes gone. */
  readonly text: string;
}

const codeAtStart = /^([245]\d\d)(?:[ -]|$)/;
const enhancedAtStart = /^#?([245]\.\d{1,3}\.\d{1,3})\b[:;]?\s*/;
const enhancedAnywhere = /(?:^|[\s([#])([245]\.\d{1,3}\.\d{1,3})(?=$|[\s):;\],])/;

/**
 * Takes a reply apart as Postfix logs it: several lines joined by a blank, the code repeated before each of them.
 * Promises a result for any text.
 *
 * @example
 * parseSmtpReply("550-5.7.1 Not today. 550 5.7.1 Bye.") // { code: "550", enhanced: "5.7.1", text: "Not today. Bye." }
 */
export function parseSmtpReply(reply: string): SmtpReply {
  const whole = reply.replaceAll(/\s+/g, " ").trim();
  const code = codeAtStart.exec(whole)?.[1] ?? null;
  const afterCode = code === null ? whole : whole.slice(code.length).replace(/^[ -]/, "");
  const enhanced = enhancedAtStart.exec(afterCode)?.[1] ?? enhancedAnywhere.exec(afterCode)?.[1] ?? null;
  return { code, enhanced, text: withoutCodes(afterCode, code).trim() };
}

/** Every further line begins with the same code and mostly with the same enhanced code, which say nothing new. */
function withoutCodes(text: string, code: string | null): string {
  const first = text.replace(enhancedAtStart, "");
  if (code === null) return first;
  return first.replaceAll(new RegExp(`\\s${code}[ -](?:#?[245]\\.\\d{1,3}\\.\\d{1,3}\\s?)?`, "g"), " ");
}
