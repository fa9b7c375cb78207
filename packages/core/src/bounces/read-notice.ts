import { findAddresses, isSameAddress } from "./address-in-text.ts";
import { recipientLines } from "./recipient-lines.ts";

/** One recipient that a notice names, with the words that are about it. */
export interface NoticedRecipient {
  readonly address: string;
  readonly words: string;
}

/** What is known before the text is read. */
export interface NoticeContext {
  /** Whom the notice was sent to: mostly the sender of the message, and then no recipient that failed. */
  readonly noticeTo: readonly string[];
  /** Recipients that a header names (Exim's `X-Failed-Recipients`). */
  readonly failedRecipients: readonly string[];
  /** The domain of the server that wrote the notice, for those that name mailboxes without it. */
  readonly domain: string | null;
}

const recipientsMax = 200;
const wordsMax = 4000;
const serverNames =
  /^(?:mailer-?daemon|postmaster|mail-?daemon|abuse|support|hostmaster|no-?reply|helpdesk)@/i;
const lineCharsMax = 1000;
const linesMax = 2000;

/**
 * Finds the recipients in what a server says in words, with the words that belong to each. The surest way of naming
 * them that occurs in the text decides; the one to whom the notice is sent counts only when nobody else is named.
 */
export function readNotice(notice: string, context: NoticeContext): NoticedRecipient[] {
  const lines = notice.split("\n", linesMax).map((line) => line.slice(0, lineCharsMax));
  const addresses = findRecipients(lines, context).slice(0, recipientsMax);
  const found = { lines, mentions: mentionsIn(lines, addresses), isAlone: addresses.length === 1 };
  return addresses.map((address, index) => ({ address, words: wordsAbout(address, index, found) }));
}

function findRecipients(lines: readonly string[], context: NoticeContext): string[] {
  if (context.failedRecipients.length > 0) return unique(context.failedRecipients);
  const surest = surestIn(lines, (addresses) => withoutSender(addresses, context));
  if (surest.length > 0) return surest;
  const local = localName(lines, context.domain);
  if (local !== null) return [local];
  const all = unique(findAddresses(lines.join("\n")).map(({ address }) => address));
  const others = withoutSender(all, context).filter((address) => !serverNames.test(address));
  return others.length > 0 ? others.slice(0, 1) : surestIn(lines, (addresses) => [...addresses]);
}

function surestIn(lines: readonly string[], choose: (addresses: readonly string[]) => string[]): string[] {
  for (const sureness of [1, 2, 3] as const) {
    const named = choose(unique(lines.flatMap((line) => addressesIn(line, sureness))));
    const people = named.filter((address) => sureness === 1 || !serverNames.test(address));
    if (people.length > 0) return people;
  }
  return [];
}

function addressesIn(line: string, sureness: number): string[] {
  if (!line.includes("@")) return [];
  for (const kind of recipientLines) {
    const found = kind.sureness === sureness ? kind.pattern.exec(line)?.groups?.["address"] : undefined;
    const address = found === undefined ? undefined : findAddresses(`<${found}>`)[0]?.address;
    if (address !== undefined) return [address];
  }
  return [];
}

function withoutSender(addresses: readonly string[], { noticeTo }: NoticeContext): string[] {
  return addresses.filter((address) => !noticeTo.some((sender) => isSameAddress(sender, address)));
}

/** AOL and others list mailboxes of their own domain by the name before the @ alone. */
function localName(lines: readonly string[], domain: string | null): string | null {
  const at = lines.findIndex(
    (line) =>
      line.trimEnd().endsWith(":") &&
      /\b(?:recipients?|address(?:es)?|users?)\b/i.test(line) &&
      /not (?:be )?deliver|fail|not accepting/i.test(line),
  );
  const name =
    at === -1
      ? undefined
      : lines
          .slice(at + 1)
          .find((line) => line.trim() !== "")
          ?.trim();
  return domain !== null && name !== undefined && /^[\w.+-]{1,64}$/.test(name) ? `${name}@${domain}` : null;
}

/** For each line which of the recipients it mentions, by their place in the list. */
function mentionsIn(lines: readonly string[], addresses: readonly string[]): readonly (readonly number[])[] {
  const wanted = addresses.map((address) => address.toLowerCase());
  return lines.map((line) => {
    const text = line.toLowerCase();
    return text.includes("@")
      ? wanted.flatMap((address, index) => (text.includes(address) ? [index] : []))
      : [];
  });
}

interface Mentions {
  readonly lines: readonly string[];
  readonly mentions: readonly (readonly number[])[];
  readonly isAlone: boolean;
}

/** Lines from each mention of the recipient to the next mention of another; all of them where it is the only one. */
function wordsAbout(address: string, index: number, { lines, mentions, isAlone }: Mentions): string {
  const first = Math.max(
    0,
    mentions.findIndex((named) => named.includes(index)),
  );
  const before = exchangeBefore(lines, first);
  if (isAlone) {
    const after = [...before, ...lines.slice(first)].join("\n");
    const hasMore = after.replace(address, "").replaceAll(/[\W\d]/g, "").length > 10;
    return (hasMore ? after : lines.join("\n")).slice(0, wordsMax);
  }
  let isAbout = false;
  const about = lines.filter((_line, at) => {
    const named = mentions[at] ?? [];
    if (named.length > 0) isAbout = named.includes(index);
    return isAbout;
  });
  return [...before, ...about].join("\n").slice(0, wordsMax);
}

/** Sendmail's transcript names the recipient below the command and the reply that it is about. */
function exchangeBefore(lines: readonly string[], first: number): string[] {
  let from = first;
  while (/^\s{0,8}(?:>>>|<<<) /.test(lines[from - 1] ?? "")) from -= 1;
  return /^\s{0,8}[245]\d\d /.test(lines[first] ?? "") ? lines.slice(from, first) : [];
}

function unique(addresses: readonly string[]): string[] {
  return [
    ...new Map([...addresses].reverse().map((address) => [address.toLowerCase(), address])).values(),
  ].reverse();
}
