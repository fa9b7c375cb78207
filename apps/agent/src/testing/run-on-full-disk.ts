// Fills the file system under FOLDER while a journal and a session counter are in use, and tells what they then hold.
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { loadLedger, openJournal } from "../journal/journal.ts";
import { takeSessionCounter } from "../link/session-counter.ts";
import { isDiskFull } from "../platform/files.ts";

const [folder = ""] = process.argv.slice(2);
const counterPath = join(folder, "session-counter");
const journalFolder = join(folder, "journal");
const jobId = "0198a5e0-0000-7000-8000-000000000001";

const counters = [await takeSessionCounter(counterPath)];
const journal = openJournal(journalFolder, { nowUnixMs: () => 0 });
journal.append({ kind: "accepted", jobId, sequence: 1, expiresAtUnixMs: 1, order: "{}" }, true);

fillDisk("first");
counters.push(await takeSessionCounter(counterPath), await takeSessionCounter(counterPath));
let refused = 0;
for (let number = 1; number <= 20; number += 1) {
  try {
    const body = { kind: "log", level: "info", text: "x".repeat(3000) } as const;
    journal.append({ kind: "progress", jobId, event: { number, atUnixMs: 0, body } }, false);
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    refused += 1;
  }
  // What the journal's reserve made free is taken by somebody else.
  fillDisk("second");
}
for (const name of ["first", "second"]) rmSync(join(folder, name));
journal.append({ kind: "cancel-requested", jobId }, true);
journal.close();
// An agent that starts now may make no file at all.
fillNames();
openJournal(journalFolder, { nowUnixMs: () => 0 }).close();
const { ledger, damagedLines } = loadLedger(journalFolder);
const { isCancelRequested } = ledger.jobs.get(jobId) ?? {};
process.stdout.write(JSON.stringify({ counters, refused, damagedLines, isCancelRequested }));

function fillDisk(name: string): void {
  const file = openSync(join(folder, name), "a");
  try {
    for (const size of [65_536, 1]) writeUntilFull(file, Buffer.alloc(size));
  } finally {
    closeSync(file);
  }
}

function fillNames(): void {
  rmSync(join(journalFolder, "reserve"), { force: true });
  try {
    for (let name = 0; ; name += 1) closeSync(openSync(join(folder, `name-${name}`), "w"));
  } catch (error) {
    if (!isDiskFull(error)) throw error;
  }
}

function writeUntilFull(file: number, bytes: Buffer): void {
  try {
    for (;;) writeSync(file, bytes);
  } catch (error) {
    if (!isDiskFull(error)) throw error;
  }
}
