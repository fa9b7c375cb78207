import { RenderError } from "../render-error.ts";

/** The error for one line of an override: where it is and what is wrong with it. */
export function refuseLine(place: { line: number; of: string }, problem: string): RenderError {
  return new RenderError(`Line ${place.line} of ${place.of}: ${problem}.`);
}

/** What an operator wrote, short and harmless enough to stand in a sentence. */
export function quoted(text: string): string {
  const plain = text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, " ").trim();
  return `"${plain.length > 60 ? `${plain.slice(0, 60)}…` : plain}"`;
}

/** Takes networks like 192.0.2.0/24 out of a text, so that a slash that is left belongs to a path. */
export function withoutNetworks(text: string): string {
  return text.replaceAll(/(?<![\w/.])\[?[0-9a-fA-F.:]+\]?\/\d{1,3}(?![\w/.])/g, "");
}
