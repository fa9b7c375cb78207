import { promisify } from "node:util";
import { gunzip, inflateRaw } from "node:zlib";
import { reportLimits } from "./report-limits.ts";
import { listZip, type ZipEntry } from "./zip-directory.ts";

/** A file after every archive around it was opened. */
export interface UnpackedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Either all files, or one sentence on why the archive is not opened. */
export type Unpacking =
  | { kind: "unpacked"; files: readonly UnpackedFile[] }
  | { kind: "refused"; why: string };

/** What may still be unpacked: shared by all files of a mail, so that many small bombs are one. */
export interface UnpackBudget {
  bytesLeft: number;
  entriesLeft: number;
}

/** The budget of one mail. */
export function newUnpackBudget(): UnpackBudget {
  return { bytesLeft: reportLimits.unpackedBytesMax, entriesLeft: reportLimits.archiveEntriesMax };
}

class TooMuch extends Error {}

const gunzipAsync = promisify(gunzip);
const inflateRawAsync = promisify(inflateRaw);

/**
 * Opens gzip and zip by what the bytes are, not by what they are called; anything else is handed back as it is. Never
 * throws and never writes more than the budget allows.
 */
export async function unpack(file: UnpackedFile, budget: UnpackBudget): Promise<Unpacking> {
  try {
    return { kind: "unpacked", files: await open(file, budget, 0) };
  } catch (cause) {
    if (cause instanceof TooMuch) return { kind: "refused", why: cause.message };
    const problem = cause instanceof Error ? cause.message : String(cause);
    const isTooLarge = cause instanceof RangeError || /larger than|too large/i.test(problem);
    return { kind: "refused", why: isTooLarge ? tooLarge() : `the archive is damaged: ${problem}` };
  }
}

async function open(file: UnpackedFile, budget: UnpackBudget, depth: number): Promise<UnpackedFile[]> {
  const bytes = withoutBlanksAround(file.bytes);
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 0x03 && bytes[3] === 0x04;
  if (!isGzip && !isZip) {
    spend(budget, file.bytes.byteLength);
    return [file];
  }
  if (depth >= reportLimits.archiveDepthMax) throw new TooMuch("the archive holds archives inside archives");
  const inner = isGzip ? [await openGzip(bytes, file.name, budget)] : await openZip(bytes, budget);
  const files: UnpackedFile[] = [];
  for (const one of inner) files.push(...(await open(one, budget, depth + 1)));
  return files;
}

async function openGzip(bytes: Uint8Array, name: string, budget: UnpackBudget): Promise<UnpackedFile> {
  const unpacked = await gunzipAsync(bytes, { maxOutputLength: roomFor(bytes.byteLength, budget) });
  return { name: name.replace(/\.gz$/i, ""), bytes: unpacked };
}

async function openZip(bytes: Uint8Array, budget: UnpackBudget): Promise<UnpackedFile[]> {
  const listed = listZip(bytes, budget.entriesLeft);
  if (listed.kind === "refused") throw new TooMuch(listed.why);
  budget.entriesLeft -= listed.entries.length;
  let held = 0;
  const files: UnpackedFile[] = [];
  for (const entry of listed.entries) {
    const room = Math.min(roomFor(entry.packed.byteLength, budget), budget.bytesLeft - held);
    // What the directory claims is checked first; what comes out is checked all the same.
    if (entry.unpackedBytes > room) throw new TooMuch(tooLarge());
    const unpacked = await inflateEntry(entry, room);
    held += unpacked.byteLength;
    files.push({ name: entry.name, bytes: unpacked });
  }
  return files;
}

async function inflateEntry(entry: ZipEntry, room: number): Promise<Uint8Array> {
  if (!entry.isDeflated) return entry.packed;
  return entry.unpackedBytes === 0
    ? new Uint8Array()
    : inflateRawAsync(entry.packed, { maxOutputLength: Math.max(1, room) });
}

function roomFor(packedBytes: number, { bytesLeft }: UnpackBudget): number {
  const byRatio = Math.max(reportLimits.unpackedSmallBytesMax, packedBytes * reportLimits.unpackRatioMax);
  const room = Math.min(bytesLeft, byRatio);
  if (room < 1) throw new TooMuch(tooLarge());
  return room;
}

function spend(budget: UnpackBudget, bytes: number): void {
  if (bytes > budget.bytesLeft) throw new TooMuch(tooLarge());
  budget.bytesLeft -= bytes;
}

function tooLarge(): string {
  return `unpacked it is larger than the ${reportLimits.unpackedBytesMax} bytes that are read, or many times its packed size`;
}

const blanks: readonly number[] = [0x0a, 0x0d, 0x20, 0x09];
const blanksMax = 16;

/**
 * Some senders put line breaks around the archive. No gzip of a size that is read ends in one: its last byte is the
 * highest of its size (RFC 1952 §2.3.1).
 */
function withoutBlanksAround(bytes: Uint8Array): Uint8Array {
  let start = 0;
  let end = bytes.byteLength;
  while (start < blanksMax && blanks.includes(bytes[start] ?? 0)) start += 1;
  while (bytes.byteLength - end < blanksMax && end > start && blanks.includes(bytes[end - 1] ?? 0)) end -= 1;
  return bytes.subarray(start, end);
}
