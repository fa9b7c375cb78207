import { parsePostfixLine, parseSyslogLine, postfixProgram } from "@mailstead/core/delivery";
import { guessedPasswordPatterns } from "@mailstead/core/mail-flow";
import type { Material } from "../material.ts";
import { type ScoreBook, shown } from "../score.ts";

interface Attack {
  readonly id: string;
  readonly line: string;
  readonly expected: { readonly match: boolean; readonly host?: string };
}

const readAt = Date.parse("2026-12-31");
const guesses = guessedPasswordPatterns.map(
  (pattern) => new RegExp(pattern.replace("<HOST>", "(?<host>[\\da-fA-F.:]+)")),
);

/** Lines of attackers: whose they are, and that nobody is banned who only looks like one. */
export async function scoreAttackLines(material: Material, book: ScoreBook): Promise<void> {
  const clients = book.open("address of the client, as bans or the log's reader have it");
  const spared = book.open("nobody is banned for a line that is no attack");
  for (const file of material.files().filter((name) => name.endsWith(".jsonl")))
    for (const { id, line, expected } of material.jsonLines<Attack>(file))
      await book.attempt(id, clients, () => {
        if (!expected.match) spared.add(bannedBy(line) === null, `${id}: ${shown(line)}`);
        else
          clients.add(
            clientOf(line) === expected.host,
            `${id}: ${clientOf(line)}, not ${expected.host} in ${shown(line)}`,
          );
      });
}

/** Whole logs of attacks: every address that others take for an attacker's. */
export async function scoreAttackLogs(material: Material, book: ScoreBook): Promise<void> {
  const score = book.open("addresses of attackers in a log");
  for (const folder of material.folders()) {
    const files = material.files(folder);
    const textOf = (ending: string) =>
      files
        .filter((name) => name.endsWith(ending))
        .map((name) => material.text(`${folder}/${name}`) ?? "")
        .join("\n");
    const asserted = textOf(".assert");
    const sources = [
      ...asserted.matchAll(/"([\da-fA-F.:]+)" in results\[\d+\]\.Overflow\.GetSources\(\)/g),
      ...asserted.matchAll(/Meta\["source_ip"\] == "([\da-fA-F.:]+)"/g),
    ].map(([, address = ""]) => address);
    await book.attempt(folder, score, () => {
      const found = new Set(textOf(".log").split("\n").map(clientOf));
      for (const address of new Set(sources))
        score.add(found.has(address), `${folder}: ${address} is not found`);
    });
  }
}

function clientOf(line: string): string | null {
  return bannedBy(line) ?? clientAtTheDoor(line);
}

/** The address that a host of ours bans for the line; fail2ban takes the time away first. */
function bannedBy(line: string): string | null {
  const rest = line.replace(/^(?:[A-Z][a-z]{2} +\d+ [\d:]+|\d{4}-\S+) /, "");
  for (const guess of guesses) {
    const host = guess.exec(rest)?.groups?.["host"];
    if (host !== undefined) return host;
  }
  return null;
}

function clientAtTheDoor(line: string): string | null {
  const record = parseSyslogLine(line, readAt);
  const program = record === null ? null : postfixProgram(record.program);
  if (record === null || program === null) return null;
  const parsed = parsePostfixLine(program.daemon, record.message);
  if (parsed === null) return null;
  if ("address" in parsed) return parsed.address;
  return "client" in parsed && typeof parsed.client === "object" ? (parsed.client?.address ?? null) : null;
}
