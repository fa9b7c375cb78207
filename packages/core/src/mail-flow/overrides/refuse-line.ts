import { cutText } from "../../text/index.ts";
import { RenderError } from "../render-error.ts";

/** The error for one line of an override: where it is and what is wrong with it. */
export function refuseLine(place: { line: number; of: string }, problem: string): RenderError {
  return new RenderError(`Line ${place.line} of ${place.of}: ${problem}.`);
}

/** What an operator wrote, short and harmless enough to stand in a sentence. */
export function quoted(text: string): string {
  const plain = text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, " ").trim();
  return `"${plain.length > 60 ? `${cutText(plain, 60)}…` : plain}"`;
}

/**
 * Refuses characters that are no text: one reader may end a line at them where another does not, and no database stores
 * half of a character. Throws RenderError that names the line.
 */
export function refuseControlCharacters(text: string, of: string): void {
  for (const [index, line] of text.split("\n").entries()) {
    const found = /[^\P{Cc}\t]|[\p{Cs}\u2028\u2029]/u.exec(line)?.[0];
    if (found === undefined) continue;
    const code = `U+${found.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
    const what = found.isWellFormed() ? "the control character" : "half of the character";
    throw refuseLine({ line: index + 1, of }, `it holds ${what} ${code}, which no override needs`);
  }
}

/** Takes networks like 192.0.2.0/24 out of a text, so that a slash that is left belongs to a path. */
export function withoutNetworks(text: string): string {
  return text.replaceAll(/(?<![\w/.])\[?[0-9a-fA-F.:]+\]?\/\d{1,3}(?![\w/.])/g, "");
}
