import type { RenderedFile } from "@mailstead/core/converge";
import { cutText } from "@mailstead/core/text";

const quotedMaxLength = 300;

/**
 * A service's complaint with the line that it is about, because the operator may never have seen the whole file. Only
 * lines of files that the change itself writes are quoted: a complaint may name any path, and root would read it.
 */
export function withLine(problem: string, writes: readonly RenderedFile[]): string {
  const shown = writes.filter(({ isSecret }) => !isSecret);
  const named = namedPlace(problem);
  const found =
    named === null
      ? onlyLineAbout(problem, shown)
      : linesOf(shown.find(({ path }) => path === named.path)).find(({ number }) => number === named.number);
  if (!found) return problem;
  return `${problem} — line ${found.number} of ${found.path} reads "${cutText(found.text, quotedMaxLength)}"`;
}

interface FoundLine {
  path: string;
  number: number;
  text: string;
}

function namedPlace(problem: string): { path: string; number: number } | null {
  const path = /\/etc\/[\w./@-]+\w/.exec(problem)?.[0];
  const number = Number(/line:? (\d+)/i.exec(problem)?.[1] ?? /:(\d+)\b/.exec(problem)?.[1]);
  return path !== undefined && Number.isInteger(number) ? { path, number } : null;
}

/** Postfix and Rspamd often name a setting and no line: the line that holds it, when only one does. */
function onlyLineAbout(problem: string, files: readonly RenderedFile[]): FoundLine | null {
  const settings = files.flatMap(linesOf).filter(({ text }) => /^\w+\s*=/.test(text));
  const whole = settings.filter(({ text }) => problem.includes(text));
  const words = new Set(problem.match(/\w+/g));
  const named = settings.filter(({ text }) => words.has(/^\w+/.exec(text)?.[0] ?? ""));
  const candidates = whole.length > 0 ? whole : named;
  return candidates.length === 1 ? (candidates[0] ?? null) : null;
}

function linesOf(file: RenderedFile | undefined): FoundLine[] {
  if (file === undefined) return [];
  return file.content
    .split("\n")
    .map((line, index) => ({ path: file.path, number: index + 1, text: line.trim() }))
    .filter(({ text }) => text !== "");
}
