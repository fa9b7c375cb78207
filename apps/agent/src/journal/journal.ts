import {
  closeSync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { isDiskFull, isMissing } from "../platform/files.ts";
import { addRecord, emptyLedger, type Ledger, recordsOf } from "./ledger.ts";
import { decodeRecord, encodeRecord, type JournalRecord } from "./record.ts";

/** The journal has no room for another job; nothing was recorded. */
export class JournalFull extends Error {
  override readonly name = "JournalFull";
}

export interface Journal {
  readonly ledger: Ledger;
  /** Lines found altered when it was opened; they were left out. */
  readonly damagedLines: number;
  /** Adds a record. With `isDurable` it is on disk, also after a power cut, when this returns. */
  append(record: JournalRecord, isDurable: boolean): void;
  /** Puts everything that was appended on disk. */
  flush(): void;
  /** Throws JournalFull when the disk or the number of unconfirmed jobs leaves no room for another job. */
  requireRoom(): void;
  close(): void;
}

export interface JournalOptions {
  nowUnixMs: () => number;
  /** Told after each record has been written; tests end the process there. */
  onAppended?: (record: JournalRecord) => void;
}

const journalName = "journal.log";
const jobsMax = 500;
const compactAboveBytes = 2 * 1_048_576;
// What a running job may still have to write when the disk fills up under it.
const reserveBytes = 1_048_576;
const freeMinBytes = 16 * 1_048_576;

/**
 * Opens the append-only record of jobs in `folder`, made when missing. A torn last line, as a power cut leaves it, is
 * cut off; a job whose acceptance was fsynced is never forgotten before the control plane has stored its result.
 */
export function openJournal(folder: string, options: JournalOptions): Journal {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, journalName);
  const reservePath = join(folder, "reserve");
  const { ledger, goodBytes, damagedLines } = loadLedger(folder);
  keepReserve(reservePath);
  let file = openSync(path, "a", 0o600);
  if (statSync(path).size > goodBytes && damagedLines === 0) ftruncateSync(file, goodBytes);
  let size = statSync(path).size;
  let sizeAfterCompaction = 0;
  let isDirty = false;

  function write(text: string): void {
    const bytes = Buffer.from(text);
    try {
      writeWhole(bytes);
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      rmSync(reservePath, { force: true });
      writeWhole(bytes);
    }
    size += bytes.length;
    isDirty = true;
  }

  function writeWhole(bytes: Buffer): void {
    try {
      writeAll(file, bytes);
    } catch (error) {
      // Part of the line may have been written; it must not stand before the next one.
      ftruncateSync(file, size);
      throw error;
    }
  }

  function compact(): void {
    const asidePath = `${path}.new`;
    const lines = recordsOf(ledger, options.nowUnixMs()).map(encodeRecord);
    if (!writeNewFile(asidePath, lines)) return;
    renameSync(asidePath, path);
    closeSync(file);
    file = openSync(path, "a", 0o600);
    fsyncFolder(folder);
    for (const [sequence, { jobId, expiresAtUnixMs }] of ledger.sequences)
      if (!ledger.jobs.has(jobId) && expiresAtUnixMs <= options.nowUnixMs())
        ledger.sequences.delete(sequence);
    size = statSync(path).size;
    sizeAfterCompaction = size;
    isDirty = false;
  }

  if (size > 0) compact();
  fsyncFolder(folder);
  return {
    ledger,
    damagedLines,
    append(record, isDurable) {
      write(encodeRecord(record));
      addRecord(ledger, record);
      if (isDurable) this.flush();
      options.onAppended?.(record);
      if (size > compactAboveBytes + 2 * sizeAfterCompaction) compact();
    },
    flush() {
      if (isDirty) fdatasyncSync(file);
      isDirty = false;
    },
    requireRoom() {
      if (ledger.jobs.size >= jobsMax)
        throw new JournalFull(`${ledger.jobs.size} jobs wait for the control plane to store their results`);
      keepReserve(reservePath);
      const { bavail, bsize } = statfsSync(folder);
      if (Number(bavail) * Number(bsize) < freeMinBytes)
        throw new JournalFull(`the disk of ${folder} has less than ${freeMinBytes / 1_048_576} MiB free`);
    },
    close() {
      this.flush();
      closeSync(file);
    },
  };

  function keepReserve(target: string): void {
    try {
      if (statSync(target).size === reserveBytes) return;
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    writeNewFile(target, [Buffer.alloc(reserveBytes)]);
  }
}

/** Reads what the journal in `folder` adds up to, without touching it; empty when there is none. */
export function loadLedger(folder: string): { ledger: Ledger; goodBytes: number; damagedLines: number } {
  const path = join(folder, journalName);
  const ledger = emptyLedger();
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return { ledger, goodBytes: 0, damagedLines: 0 };
    throw error;
  }
  const lines = text.split("\n");
  let goodBytes = 0;
  let pendingDamage = 0;
  let damagedLines = 0;
  for (const [index, line] of lines.entries()) {
    if (line === "" && index === lines.length - 1) break;
    const isWhole = index < lines.length - 1;
    const record = isWhole ? decodeRecord(line) : null;
    if (record === null) {
      pendingDamage += 1;
      continue;
    }
    // Damage that whole records follow is no torn tail but an altered file.
    damagedLines += pendingDamage;
    pendingDamage = 0;
    addRecord(ledger, record);
    goodBytes += Buffer.byteLength(line) + 1;
  }
  return { ledger, goodBytes, damagedLines };
}

/** Writes a file of its own and puts it on disk; false, and no file, when the disk has no room for it. */
function writeNewFile(path: string, parts: readonly (string | Buffer)[]): boolean {
  try {
    const file = openSync(path, "w", 0o600);
    try {
      for (const part of parts) writeAll(file, Buffer.from(part));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    return true;
  } catch (error) {
    rmSync(path, { force: true });
    if (isDiskFull(error)) return false;
    throw error;
  }
}

function writeAll(file: number, bytes: Buffer): void {
  for (let offset = 0; offset < bytes.length; ) offset += writeSync(file, bytes, offset);
}

function fsyncFolder(path: string): void {
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
