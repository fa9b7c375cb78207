import { cutText } from "../text/index.ts";

const shownMax = 40;

/**
 * A text that somebody typed, short enough for a sentence, with everything that has no shape of its own (control
 * characters, line breaks, marks that turn the direction of writing) written out as its code.
 *
 * @example shown("a\nb") // "a\\u{a}b"
 */
export function shown(typed: string): string {
  const short = typed.length > shownMax ? `${cutText(typed, shownMax)}…` : typed;
  return short.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
