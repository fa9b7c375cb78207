import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadLedger, openJournal } from "./journal.ts";
import type { JournaledJob } from "./ledger.ts";
import { encodeRecord, type JournalRecord } from "./record.ts";

const now = 1_800_000_000_000;
const jobId = "0198a5e0-0000-7000-8000-000000000001";

describe("the journal", () => {
  let folder: string;
  const open = () => openJournal(folder, { nowUnixMs: () => now });
  const path = () => join(folder, "journal.log");

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "journal-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("tells after a restart where a job stood", () => {
    const first = open();
    for (const record of story) first.append(record, false);
    first.close();
    const job = open().ledger.jobs.get(jobId);
    expect(job).toMatchObject({ state: "running", starts: 1, progressNumber: 2, progressStoredNumber: 1 });
    expect(job?.openStep).toEqual({ stepId: "apply-files:postfix", undo: { kind: "none" } });
    expect(job?.unsentEvents.map(({ number }) => number)).toEqual([2]);
  });

  it("cuts off a line that a power cut tore, and goes on after the last whole one", () => {
    const first = open();
    first.append(accepted, true);
    first.close();
    appendFileSync(path(), encodeRecord({ kind: "running", jobId, atUnixMs: now }).slice(0, -9));
    const second = open();
    expect(second.ledger.jobs.get(jobId)?.state).toBe("accepted");
    second.append({ kind: "running", jobId, atUnixMs: now }, true);
    second.close();
    expect(open().ledger.jobs.get(jobId)?.state).toBe("running");
  });

  it("is whole up to wherever it was cut", () => {
    const text = story.map(encodeRecord).join("");
    const lengths = story.map((record) => Buffer.byteLength(encodeRecord(record)));
    fc.assert(
      fc.property(fc.nat(Buffer.byteLength(text)), (size) => {
        writeFileSync(path(), text);
        truncateSync(path(), size);
        let whole = 0;
        for (let sum = 0; whole < lengths.length && sum + (lengths[whole] ?? 0) <= size; whole += 1)
          sum += lengths[whole] ?? 0;
        const { ledger, damagedLines } = loadLedger(folder);
        expect(damagedLines).toBe(0);
        expect(ledger.jobs.get(jobId)?.state).toBe(stateAfter(whole));
      }),
    );
  });

  it("leaves out a line that was altered and says so", () => {
    writeFileSync(path(), story.map(encodeRecord).join("").replace('"kind":"running"', '"kind":"runnin9"'));
    const journal = open();
    expect(journal.damagedLines).toBe(1);
    expect(journal.ledger.jobs.get(jobId)?.starts).toBe(0);
  });

  it("keeps nothing of a settled job but its number, and that only until the order has expired", () => {
    const journal = open();
    for (const record of story) journal.append(record, false);
    journal.append({ kind: "ended", jobId, outcome: { kind: "cancelled" } }, true);
    journal.append({ kind: "settled", jobId, sequence: 7, expiresAtUnixMs: now + 1000 }, true);
    journal.close();
    const later = open();
    expect(later.ledger.jobs.size).toBe(0);
    expect(later.ledger.sequences.get(7)?.jobId).toBe(jobId);
    later.close();
    expect(readFileSync(path(), "utf8").split("\n")).toHaveLength(2);
    openJournal(folder, { nowUnixMs: () => now + 2000 }).close();
    expect(loadLedger(folder).ledger.sequences.size).toBe(0);
  });

  it("does not grow without bound while jobs come and go", () => {
    const journal = open();
    const text = "x".repeat(4000);
    for (let sequence = 1; sequence <= 1500; sequence += 1) {
      const id = `job-${sequence}`;
      journal.append({ ...accepted, jobId: id, sequence, expiresAtUnixMs: now - 1 }, false);
      journal.append(logged(id, { number: 1, text }), false);
      journal.append({ kind: "ended", jobId: id, outcome: { kind: "cancelled" } }, false);
      journal.append({ kind: "settled", jobId: id, sequence, expiresAtUnixMs: now - 1 }, false);
    }
    journal.close();
    expect(statSync(path()).size).toBeLessThan(2.2 * 1_048_576);
  });

  it("has no room when too many jobs wait for their results to be stored", () => {
    const journal = open();
    for (let sequence = 1; sequence <= 500; sequence += 1)
      journal.append({ ...accepted, jobId: `job-${sequence}`, sequence }, false);
    expect(() => journal.requireRoom()).toThrow("500 jobs wait for the control plane");
  });
});

const accepted: Extract<JournalRecord, { kind: "accepted" }> = {
  kind: "accepted",
  jobId,
  sequence: 7,
  expiresAtUnixMs: now + 60_000,
  order: "{}",
};

function logged(id: string, { number, text }: { number: number; text: string }): JournalRecord {
  return {
    kind: "progress",
    jobId: id,
    event: { number, atUnixMs: now, body: { kind: "log", level: "info", text } },
  };
}

const story: readonly JournalRecord[] = [
  accepted,
  { kind: "running", jobId, atUnixMs: now },
  logged(jobId, { number: 1, text: "first" }),
  logged(jobId, { number: 2, text: "zweite Zeile mit Ümläuten" }),
  { kind: "progress-stored", jobId, number: 1 },
  { kind: "step-begun", jobId, stepId: "apply-files:postfix", undo: { kind: "none" } },
];

function stateAfter(records: number): JournaledJob["state"] | undefined {
  if (records === 0) return undefined;
  return records === 1 ? "accepted" : "running";
}
