import { join } from "node:path";
import { allSets } from "./all-sets.ts";
import { isFolder, openMaterial } from "./material.ts";
import { Score, ScoreBook, type ScoreRow } from "./score.ts";
import { scoreHarmful, scoreMalformed } from "./score-malformed.ts";

/** How the product does on a folder of material. */
export interface Conformance {
  readonly rows: readonly ScoreRow[];
  /** Sets that the folder does not have. */
  readonly absent: readonly string[];
  /** What could not be read, and so was not scored. */
  readonly notes: readonly string[];
  /** Whether every floor of the sets that are there holds. */
  readonly holds: boolean;
}

/** Scores each set that a folder has; null where there is no folder, or no set in it. */
export async function scoreFolder(folder: string): Promise<Conformance | null> {
  if (!isFolder(folder)) return null;
  const rows: ScoreRow[] = [];
  const absent: string[] = [];
  const notes: string[] = [];
  const malformed = new Score("malformed input: no crash, no hang", 1);
  for (const [set, scoreSet] of Object.entries(allSets)) {
    const material = openMaterial(join(folder, set));
    if (material === null) {
      absent.push(set);
      continue;
    }
    const book = new ScoreBook();
    try {
      await scoreSet(material, book);
    } catch (cause) {
      notes.push(
        `${set}: it could not be scored to its end: ${cause instanceof Error ? cause.message : cause}`,
      );
    }
    rows.push(...missedWhereNothingWasScored(book.rows(set)));
    notes.push(...material.notes.map((note) => `${set}: ${note}`));
    await scoreMalformed(openMaterial(join(folder, set)) ?? material, malformed);
  }
  if (rows.length === 0) return null;
  await scoreHarmful(malformed);
  rows.push(...sumOfAuthentication(rows), malformed.toRow("all sets"));
  return { rows, absent, notes, holds: rows.every(({ reached }) => reached !== false) };
}

/** A set that is there and of which no floor has a case was not read, which is no reason to pass. */
function missedWhereNothingWasScored(rows: readonly ScoreRow[]): readonly ScoreRow[] {
  const held = rows.filter(({ floor }) => floor !== null);
  if (held.length === 0 || held.some(({ total }) => total > 0)) return rows;
  return rows.map((row) => (row.floor === null ? row : { ...row, reached: false }));
}

const authenticationSets: readonly string[] = ["spf-rfc7208", "rspamd-auth"];

/** Both suites of authentication are one score: each has verdicts on messages, clients and a DNS of its own. */
function sumOfAuthentication(rows: readonly ScoreRow[]): ScoreRow[] {
  const own = rows.filter(({ set }) => authenticationSets.includes(set));
  if (own.length === 0) return [];
  const sum = new Score("authentication scenarios", 0.95);
  for (const { set, right, wrong } of own) {
    for (let index = 0; index < right; index += 1) sum.add(true, "");
    for (const about of wrong) sum.add(false, `${set}: ${about}`);
  }
  return [sum.toRow(own.map(({ set }) => set).join(", "))];
}
