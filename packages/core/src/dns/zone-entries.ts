/** A word of a zone file as it stands there, escapes included. */
export interface ZoneWord {
  text: string;
  isQuoted: boolean;
}

/** One record or directive, which parentheses may spread over several lines. */
export interface ZoneEntry {
  /** Where it begins, counted from 1. */
  line: number;
  /** It begins with white space, and so belongs to the name of the entry before it. */
  hasOwner: boolean;
  words: readonly ZoneWord[];
}

export interface ZoneTextProblem {
  /** Counted from 1. */
  line: number;
  /** What is wrong there, in a sentence. */
  problem: string;
}

export type ReadEntry = { kind: "entry"; entry: ZoneEntry } | ({ kind: "problem" } & ZoneTextProblem);

/**
 * Cuts a zone file into its entries (RFC 1035 §5.1). An entry that cannot be read is a problem, and reading goes on with
 * the line after the one in which it went wrong.
 */
export function* zoneEntries(text: string): Generator<ReadEntry, void> {
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/);
  let open: { line: number; hasOwner: boolean; words: ZoneWord[] } | null = null;
  for (const [index, content] of lines.entries()) {
    const line = index + 1;
    const cut = cutLine(content, open !== null);
    if (cut.kind === "problem") {
      open = null;
      yield { kind: "problem", line, problem: cut.problem };
      continue;
    }
    open ??= { line, hasOwner: !/^[ \t]/.test(content), words: [] };
    for (const word of cut.words) open.words.push(word);
    if (open.words.length > wordsMax) {
      yield {
        kind: "problem",
        line: open.line,
        problem: "The record that begins here is longer than a record can be.",
      };
      open = null;
      continue;
    }
    if (cut.isOpen) continue;
    if (open.words.length > 0) yield { kind: "entry", entry: open };
    open = null;
  }
  if (open !== null)
    yield { kind: "problem", line: open.line, problem: "The parenthesis that opens here is never closed." };
}

// The longest record has 65,535 octets, each written as four characters at the most.
const lineCharactersMax = 300_000;

// A string costs one octet of the data at least.
const wordsMax = 66_000;

type CutLine = { kind: "cut"; words: ZoneWord[]; isOpen: boolean } | { kind: "problem"; problem: string };

const wordPattern = /"((?:[^"\\]|\\.)*)"|((?:[^\s"();\\]|\\.)+)/suy;

function cutLine(content: string, isOpenBefore: boolean): CutLine {
  if (content.length > lineCharactersMax) return problem("This line is longer than any record can be.");
  const words: ZoneWord[] = [];
  let isOpen = isOpenBefore;
  for (let at = 0; at < content.length; ) {
    const character = content.charAt(at);
    if (character === ";") break;
    if (character === " " || character === "\t") {
      at += 1;
    } else if (character === "(" || character === ")") {
      if (isOpen === (character === "("))
        return problem(
          isOpen ? "A parenthesis opens inside another." : "A parenthesis closes that never opened.",
        );
      isOpen = !isOpen;
      at += 1;
    } else {
      wordPattern.lastIndex = at;
      const found = wordPattern.exec(content);
      if (found === null) return problem(unreadable(character));
      if (/\p{Cc}/u.test(found[0].replaceAll("\t", ""))) return problem("A control character stands here.");
      words.push({ text: found[1] ?? found[2] ?? "", isQuoted: found[1] !== undefined });
      at = wordPattern.lastIndex;
    }
  }
  return { kind: "cut", words, isOpen };
}

function unreadable(character: string): string {
  if (character === '"') return "The quotation mark that opens here is not closed on this line.";
  return character === "\\"
    ? "A backslash at the end of the line escapes nothing."
    : "A character stands here that no zone file has.";
}

function problem(sentence: string): CutLine {
  return { kind: "problem", problem: sentence };
}
