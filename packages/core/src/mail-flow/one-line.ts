import { cutText } from "../text/index.ts";
import { RenderError } from "./render-error.ts";

// Every C0 control, DEL, and the Unicode line ends that some parsers honour.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
const controlPattern = /[\u0000-\u001f\u007f\u0085\u2028\u2029]/;

/**
 * Returns the value when it stays on one line wherever it is written.
 * Throws RenderError when it holds a control character or a line end, or begins or ends with white space.
 */
export function oneLine(value: string, what: string): string {
  if (controlPattern.test(value)) throw new RenderError(`${what} holds a line break or a control character.`);
  if (value !== value.trim()) throw new RenderError(`${what} begins or ends with a space.`);
  return value;
}

/** Returns the value when it is one word, without white space. Throws RenderError when it is not. */
export function oneWord(value: string, what: string): string {
  if (value === "" || /\s/.test(oneLine(value, what)))
    throw new RenderError(`${what} must be one word, not "${cutText(value, 40)}".`);
  return value;
}
