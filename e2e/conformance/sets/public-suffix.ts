import { getDomain } from "tldts";
import type { Material } from "../material.ts";
import { type ScoreBook, shown } from "../score.ts";

const testCase = /^\s*checkPublicSuffix\((null|'[^']*'), (null|'[^']*')\);/;

/** Registrable domains, by the list with which mailauth aligns identities. */
export async function scoreRegistrableDomains(material: Material, book: ScoreBook): Promise<void> {
  const score = book.open("registrable domains");
  for (const file of material.files())
    for (const line of (material.text(file) ?? "").split("\n")) {
      const [, input, output] = testCase.exec(line) ?? [];
      if (input === undefined || output === undefined) continue;
      await book.attempt(line, score, () => {
        const name = unquoted(input) ?? "";
        // A name that begins with a full stop is none.
        const found = name.startsWith(".") ? null : getDomain(name, { allowPrivateDomains: true });
        score.add(found === unquoted(output), `${name}: ${shown(found ?? "none")}, not ${output}`);
      });
    }
}

function unquoted(literal: string): string | null {
  return literal === "null" ? null : literal.slice(1, -1);
}
