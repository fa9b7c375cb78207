import { quoted } from "./refuse-line.ts";

/** One value of a UCL text, with the names that lead to it. */
export interface UclValue {
  line: number;
  /** Names of the blocks around it and its own, outermost first. */
  path: readonly string[];
  /** `text` stood in quotes; `word` is a bare number, switch, duration or name. */
  kind: "text" | "word";
  value: string;
}

/** A text that is not in the plain part of UCL. The message is the end of a sentence that names the line. */
export class UclProblem extends Error {
  override readonly name = "UclProblem";
  readonly line: number;

  constructor(line: number, problem: string) {
    super(problem);
    this.line = line;
  }
}

type Token = { line: number } & (
  | { kind: "text" | "word"; value: string }
  | { kind: "{" | "}" | "[" | "]" | "=" | ";" }
);

/**
 * Reads the plain part of UCL that settings need: `name = value;`, `name "other" { … }` and lists. Macros such as
 * `.include`, here-documents, block comments and bare values with signs in them are refused, so that nothing can mean
 * more to libucl than it means here. Throws UclProblem that names the line.
 */
export function readUcl(text: string): UclValue[] {
  const tokens = tokensOf(text);
  const found: UclValue[] = [];
  const at = (offset: number) => tokens[offset];
  const lastLine = text.split("\n").length;
  let next = 0;

  function readBlock(path: readonly string[], isInner: boolean): void {
    for (;;) {
      const token = at(next);
      if (token === undefined) {
        if (isInner) throw new UclProblem(lastLine, `the block ${quoted(path.join(" "))} is never closed`);
        return;
      }
      if (token.kind === ";") next += 1;
      else if (token.kind === "}") {
        if (!isInner) throw new UclProblem(token.line, "it closes a block that was never opened");
        next += 1;
        return;
      } else readEntry(path);
    }
  }

  function readEntry(path: readonly string[]): void {
    const name = at(next);
    if (name?.kind !== "word" && name?.kind !== "text")
      throw new UclProblem(name?.line ?? lastLine, `a name was expected, not "${name?.kind}"`);
    if (!/^[A-Za-z0-9_*@][A-Za-z0-9_.:*@ -]*$/.test(name.value))
      throw new UclProblem(name.line, `${quoted(name.value)} is no name of a setting`);
    next += 1;
    const names = [...path, name.value];
    if (at(next)?.kind === "=") {
      next += 1;
      readValue(names, name.line);
      return;
    }
    while (at(next)?.kind === "word" || at(next)?.kind === "text") {
      const more = at(next);
      if (more?.kind === "word" || more?.kind === "text") names.push(more.value);
      next += 1;
    }
    const opening = at(next);
    if (opening?.kind !== "{")
      throw new UclProblem(name.line, `${quoted(name.value)} is not followed by = and a value, or by {`);
    next += 1;
    readBlock(names, true);
  }

  function readValue(path: readonly string[], line: number): void {
    const token = at(next);
    next += 1;
    if (token?.kind === "word" || token?.kind === "text") {
      found.push({ line: token.line, path, kind: token.kind, value: token.value });
      const after = at(next);
      if (
        after !== undefined &&
        after.line === token.line &&
        (after.kind === "word" || after.kind === "text")
      )
        throw new UclProblem(token.line, `${quoted(token.value)} is followed by more; put a text in quotes`);
    } else if (token?.kind === "{") readBlock(path, true);
    else if (token?.kind === "[") readList(path, token.line);
    else throw new UclProblem(line, `${quoted(path.at(-1) ?? "")} has no value`);
  }

  function readList(path: readonly string[], line: number): void {
    for (;;) {
      const token = at(next);
      if (token === undefined) throw new UclProblem(line, "the list is never closed");
      if (token.kind === "]") {
        next += 1;
        return;
      }
      if (token.kind === ";") next += 1;
      else readValue(path, token.line);
    }
  }

  readBlock([], false);
  return found;
}

const tokenPattern =
  /(?<space>[ \t\r]+)|(?<end>\n)|(?<comment>#[^\n]*)|"(?<double>(?:[^"\\\n]|\\.)*)"|'(?<single>[^'\\\n]*)'|(?<sign>[{}[\]=:;,])|(?<word>[A-Za-z0-9_*+-][A-Za-z0-9_.*%+-]*)/y;

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  for (tokenPattern.lastIndex = 0; tokenPattern.lastIndex < text.length; ) {
    const start = tokenPattern.lastIndex;
    const groups = tokenPattern.exec(text)?.groups;
    if (groups === undefined) throw new UclProblem(line, unreadable(text.slice(start)));
    const { end, comment, double, single, sign, word } = groups;
    // To libucl a # inside a bare word may belong to the word.
    if (comment !== undefined && /[\w.*%+-]/.test(text[start - 1] ?? ""))
      throw new UclProblem(line, "a comment needs a space before it");
    if (end !== undefined) line += 1;
    else if (double !== undefined) tokens.push({ line, kind: "text", value: double });
    else if (single !== undefined) tokens.push({ line, kind: "text", value: single });
    else if (word !== undefined) tokens.push({ line, kind: "word", value: word });
    else if (sign !== undefined)
      tokens.push({ line, kind: sign === ":" ? "=" : sign === "," ? ";" : (sign as "{") });
  }
  return tokens;
}

function unreadable(rest: string): string {
  const start = rest.split("\n")[0] ?? "";
  if (start.startsWith(".")) return `${quoted(start)} is a macro, and an override may hold none`;
  if (start.startsWith("<<")) return "a text of several lines may not stand in an override";
  if (start.startsWith("/*")) return "a comment begins with #";
  return `${quoted(start)} cannot be read; put a text in double quotes`;
}
