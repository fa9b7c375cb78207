/** What another server replied, as a notice quotes it. */
export interface QuotedReply {
  readonly code: string | null;
  readonly status: string | null;
  /** From the reply on to the end of what was said; the whole text where no reply is quoted. */
  readonly text: string;
  readonly remoteMta: string | null;
}

const statusPattern = "[245]\\.\\d{1,3}\\.\\d{1,3}";
// The surest first: a reply after "said:", one in a transcript, one at the start of a line, one in the middle.
const replyPatterns: readonly RegExp[] = [
  /(?:\bsaid|deferred|respon(?:ded|se|ded with)|returned(?: was| the following)?|reply(?: was)?|error was|server said|reason|message|diagnostic-code)\s?:?\s{0,3}:?\s{0,3}(?:\(|")?\s{0,3}(?:smtp;\s{0,2})?(?=[245]\d\d[ -:]?)/i,
  /^\s{0,8}<<<\s(?=[45]\d\d[ -])/m,
  /^\s{0,12}(?:smtp;\s?)?(?=[45]\d\d[ -](?:[245]\.\d|\S))/m,
  /[:>\s([](?=[45]\d\d[ -]#?[245]\.\d{1,3}\.\d{1,3}\b)/,
  /[:;>(]\s{0,3}(?=[45]\d\d(?:[ -][<\p{L}]|:\s))/u,
];

/**
 * Looks for the reply inside words: its codes, its text, and the host that gave it.
 *
 * @example
 * findReply("host mx.a.example[192.0.2.1] said: 550 5.1.1 No such user").status // "5.1.1"
 */
export function findReply(words: string): QuotedReply {
  const start = replyStart(words);
  const cause = start === -1 ? null : causeOfExpiry(words.slice(start));
  if (cause !== null) return { ...findReply(cause), remoteMta: hostIn(words) };
  const text = (start === -1 ? words : replyAt(words, start)).replaceAll(/\s+/g, " ").trim();
  const code = start === -1 ? null : (/^([245]\d\d)/.exec(text)?.[1] ?? null);
  return {
    code: code ?? labelledCode(words),
    status: statusIn(text) ?? statusIn(words),
    text,
    remoteMta: hostIn(words),
  };
}

function replyStart(words: string): number {
  for (const pattern of replyPatterns) {
    const match = pattern.exec(words);
    if (match !== null) return match.index + match[0].length;
  }
  return -1;
}

/** A reply in a transcript ends with its last "<<<"; in words it ends with its paragraph. */
function replyAt(words: string, start: number): string {
  const rest = words.slice(start);
  const lineStart = words.lastIndexOf("\n", start) + 1;
  if (!words.slice(lineStart, start).trimStart().startsWith("<<<"))
    return rest.split(/\n[ \t]*\n/, 1)[0] ?? "";
  const lines = rest.split("\n");
  const end = lines.findIndex((line, index) => index > 0 && !/^\s{0,8}<<<\s/.test(line));
  return lines
    .slice(0, end === -1 ? undefined : end)
    .map((line) => line.replace(/^\s{0,8}<<<\s/, ""))
    .join("\n");
}

/** Where a server says only that time ran out, what the last attempt got says more, if it is quoted too. */
function causeOfExpiry(said: string): string | null {
  if (!/^[45]\d\d[ -]#?[45]\.4\.7\b/.test(said)) return null;
  const inner = /[<'"(]([45]\d\d[ -]#?[45]\.(?!4\.7\b)\d{1,3}\.\d{1,3}\b[^<>\n]{0,500})/.exec(said.slice(7));
  return inner?.[1] ?? null;
}

/** A status code in brackets, after a reply code, or alone; never a piece of an IP address or a version. */
export function statusIn(text: string): string | null {
  const strong = new RegExp(
    `(?:\\b[245]\\d\\d[ -]#?|#|\\(|\\[|status:?\\s?|^)(${statusPattern})(?![\\d.])`,
    "im",
  ).exec(text);
  const weak = new RegExp(`(?:^|\\s)(${statusPattern})(?=$|[\\s,;:)])`, "m").exec(text);
  return strong?.[1] ?? weak?.[1] ?? null;
}

function labelledCode(words: string): string | null {
  return /(?:error[_ ]code|smtp error|error)\s?[:=(]{0,2}\s?([45]\d\d)\b/i.exec(words)?.[1] ?? null;
}

function hostIn(words: string): string | null {
  const named =
    /\b(?:host|talking to|while talking to|connected to|server|remote host|remote-mta:\s?(?:dns;)?)\s{0,3}:?\s?([a-z0-9](?:[a-z0-9.-]{0,253}[a-z0-9]))(?=[\s.,;:[()]|$)/i.exec(
      words,
    )?.[1];
  return named?.includes(".") === true ? named.toLowerCase() : null;
}
