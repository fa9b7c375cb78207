/** The lines of a text that say something. */
export function linesOf(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}

/** Addresses and networks as people list them: one per line, or with commas or blanks between. */
export function parseNetworks(text: string): string[] {
  return text.split(/[\s,;]+/).filter(Boolean);
}
