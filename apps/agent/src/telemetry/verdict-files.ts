import { constants } from "node:fs";
import { type FileHandle, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** How far each file of verdicts was read, by its name: the byte where the next line begins. */
export type VerdictPosition = Readonly<Record<string, number>>;

const namePattern = /^\d{8}T\d{2}\.jsonl$/;
const chunkBytes = 256 * 1024;
/** No line is as long; what is longer is passed over. */
const lineMaxBytes = 64 * 1024;
const newline = 0x0a;

/**
 * Gives each whole line that Rspamd has written to the files of a folder since `position`, up to `linesMax`; null begins with
 * what is written from now on. Returns where to go on, and whether there is more. A folder that is not there holds nothing.
 */
export async function readVerdictFiles(
  folder: string,
  position: VerdictPosition | null,
  { linesMax, onLine }: { linesMax: number; onLine: (line: string) => void },
): Promise<{ position: VerdictPosition; hasMore: boolean }> {
  const reached: Record<string, number> = {};
  let linesLeft = linesMax;
  const takeLine = (line: string) => {
    onLine(line);
    linesLeft -= 1;
    return linesLeft > 0;
  };
  for (const name of await verdictFileNames(folder)) {
    const file = await openVerdicts(folder, name);
    if (file === null) continue;
    try {
      const { size } = await file.stat();
      // A file that was made shorter is not Rspamd's doing; what it holds may have been counted.
      const from = position === null ? size : Math.min(position[name] ?? 0, size);
      reached[name] = position === null || linesLeft === 0 ? from : await readLines(file, from, takeLine);
    } finally {
      await file.close();
    }
  }
  return { position: reached, hasMore: linesLeft === 0 };
}

const hourMs = 60 * 60_000;
/** Rspamd opens the file of an hour for the last time when the hour ends; its clock may be set back a little. */
const writtenForMs = 2 * hourMs;

/** Removes the files whose hour is long over and which were read to their end. */
export async function removeReadVerdicts(
  folder: string,
  position: VerdictPosition,
  nowMs: number,
): Promise<void> {
  for (const [name, reached] of Object.entries(position)) {
    if (nowMs - beginningOf(name) < writtenForMs) continue;
    const file = await openVerdicts(folder, name);
    if (file === null) continue;
    const { size } = await file.stat();
    await file.close();
    // A last line without an end was cut off, and its end will never come.
    if (size - reached < lineMaxBytes) await rm(join(folder, name));
  }
}

/**
 * Opens a file of verdicts. Rspamd may write to its folder whatever it likes: a link to a file that is root's alone, or a pipe
 * that nobody ever writes to, is none.
 */
async function openVerdicts(folder: string, name: string): Promise<FileHandle | null> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(join(folder, name), flags).catch((error: NodeJS.ErrnoException) => {
    if (["ELOOP", "ENOENT", "ENXIO", "EISDIR"].includes(error.code ?? "")) return null;
    throw error;
  });
  if (file === null || (await file.stat()).isFile()) return file;
  await file.close();
  return null;
}

async function verdictFileNames(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => namePattern.test(name)).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

function beginningOf(name: string): number {
  const [, year, month, day, hour] = /^(\d{4})(\d{2})(\d{2})T(\d{2})/.exec(name) ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:00:00Z`);
}

/** Gives whole lines from a byte on while more are taken; returns where the next one begins. */
async function readLines(
  file: FileHandle,
  from: number,
  takeLine: (line: string) => boolean,
): Promise<number> {
  let offset = from;
  let rest = Buffer.alloc(0);
  for (let at = from; ; ) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(chunkBytes), 0, chunkBytes, at);
    if (bytesRead === 0) return offset;
    at += bytesRead;
    rest = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
    for (let end = rest.indexOf(newline); end >= 0; end = rest.indexOf(newline)) {
      const line = rest.subarray(0, end).toString("utf8");
      rest = rest.subarray(end + 1);
      offset += end + 1;
      if (!takeLine(line)) return offset;
    }
    if (rest.length > lineMaxBytes) {
      offset += rest.length;
      rest = Buffer.alloc(0);
    }
  }
}
