import { type FileHandle, open } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { isMissing, writeFileAtomically } from "../platform/files.ts";

/**
 * Takes the next session number and stores it durably before it is used, so that no number is ever used twice by this
 * host: a number the gateway has seen before means that somebody runs a copy. Throws when the stored one is damaged.
 *
 * The file has two slots of a fixed size, written in turns and in place: a full disk, of which the control plane must be
 * told, takes no room from it, and a write that is cut short harms only a number that nobody has used.
 */
export async function takeSessionCounter(path: string): Promise<number> {
  const file = await openIfExists(path);
  if (file === null) return await startFile(path, 1);
  try {
    const bytes = await file.readFile();
    const [first, second] = [readSlot(bytes, 0), readSlot(bytes, 1)];
    if (first === null && second === null) return await startFile(path, oldFormOf(bytes, path) + 1);
    const next = Math.max(first ?? 0, second ?? 0) + 1;
    await writeSlot(file, (first ?? 0) > (second ?? 0) ? 1 : 0, next);
    return next;
  } finally {
    await file.close();
  }
}

// A block of the file system each, so that a torn write of one cannot reach the other.
const slotBytes = 4096;

/** The number of a slot, or null when it was never written, or not to its end. */
function readSlot(bytes: Buffer, slot: number): number | null {
  const text = bytes.subarray(slot * slotBytes, (slot + 1) * slotBytes).toString("latin1");
  const [, digits, checksum] = /^(\d{16}) ([0-9a-f]{8})\n/.exec(text) ?? [];
  if (digits === undefined || checksum !== checksumOf(digits)) return null;
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : null;
}

function encodeSlot(value: number): Buffer {
  const digits = String(value).padStart(16, "0");
  return Buffer.concat([Buffer.from(`${digits} ${checksumOf(digits)}\n`)], slotBytes);
}

function checksumOf(digits: string): string {
  return crc32(digits).toString(16).padStart(8, "0");
}

async function writeSlot(file: FileHandle, slot: number, value: number): Promise<void> {
  const bytes = encodeSlot(value);
  const { bytesWritten } = await file.write(bytes, 0, bytes.length, slot * slotBytes);
  if (bytesWritten !== bytes.length) throw new Error("the session number could not be written whole");
  await file.datasync();
}

/** Makes the file with both slots, so that all the room it will ever need is its own. */
async function startFile(path: string, value: number): Promise<number> {
  await writeFileAtomically(path, Buffer.concat([encodeSlot(value), encodeSlot(0)]), { mode: 0o600 });
  return value;
}

/** The number in a file of the form that agents wrote before: nothing but digits. */
function oldFormOf(bytes: Buffer, path: string): number {
  const text = bytes.toString("latin1").trim();
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value))
    throw new Error(`${path} does not hold a number; the agent cannot prove that it is no copy`);
  return value;
}

async function openIfExists(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, "r+");
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
