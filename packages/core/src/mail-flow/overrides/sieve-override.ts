import { refuseControlCharacters, refuseLine } from "./refuse-line.ts";

const of = "the sieve override";

/**
 * Refuses what a sieve script could run: ours may call two programs, for learning; an operator's none. Throws
 * RenderError that names the line.
 */
export function checkSieveOverride(text: string): void {
  refuseControlCharacters(text, of);
  for (const [index, line] of text.split("\n").entries()) {
    // The second could spell the first in numbers (RFC 5228 §2.4.2.4).
    const found = /vnd\.dovecot|encoded-character/i.exec(line)?.[0];
    if (found !== undefined)
      throw refuseLine(
        { line: index + 1, of },
        `"${found}" is none of the extensions that an override may use`,
      );
  }
}
