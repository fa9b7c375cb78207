import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { createGunzip } from "node:zlib";
import { z } from "zod";

/** How a file begins, by which it is known again under another name, as a copy or compressed. */
export const headSchema = z.object({ bytes: z.int().nonnegative(), sha1: z.string() });
export type FileHead = z.infer<typeof headSchema>;

/** A log that was put aside. */
export interface RotatedLog {
  readonly path: string;
  readonly inode: number;
  readonly isCompressed: boolean;
}

// The first line of a log names a moment and a process, so no two logs begin alike.
const headMaxBytes = 256;
const chunkBytes = 256 * 1024;
const compressed = ".gz";

/** The beginning of a file as it is now. */
export async function readHead(file: FileHandle, bytes = headMaxBytes): Promise<FileHead> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, 0);
  return headOf(buffer.subarray(0, bytesRead));
}

/**
 * What has become of a log that does not lie under its name any more, and of those that came after it, the oldest first.
 * Empty when it is gone or was compressed by a program other than gzip. `current` is the number of the file that is read after
 * them, since it may have been renamed a moment ago. Throws when files were renamed meanwhile.
 */
export async function findRotated(
  path: string,
  known: { readonly inode: number; readonly head: FileHead },
  current: number | null,
): Promise<readonly RotatedLog[]> {
  const all = await listRotated(path);
  const last = all.findIndex(({ inode }) => inode === current);
  const logs = last < 0 ? all : all.slice(0, last);
  for (const [index, log] of logs.entries()) if (await isKnown(log, known)) return logs.slice(index);
  return [];
}

/** The beginning of what a log that was put aside holds. */
export async function headOfRotated(log: RotatedLog, bytes = headMaxBytes): Promise<FileHead> {
  for await (const chunk of readRotated(log, 0)) return headOf(chunk.subarray(0, bytes));
  return headOf(new Uint8Array());
}

/** Gives what a log that was put aside holds from a byte on. A damaged archive ends where it cannot be read on. */
export async function* readRotated({ path, isCompressed }: RotatedLog, from: number): AsyncGenerator<Buffer> {
  if (!isCompressed) return yield* createReadStream(path, { start: from, highWaterMark: chunkBytes });
  let before = from;
  try {
    for await (const chunk of createReadStream(path).pipe(createGunzip({ chunkSize: chunkBytes }))) {
      if (chunk.length > before) yield chunk.subarray(before);
      before = Math.max(0, before - chunk.length);
    }
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
}

async function listRotated(path: string): Promise<readonly RotatedLog[]> {
  const logs = await lookForRotated(path);
  // A rotation renames one file after the other, and in between a file may be missed or met twice.
  if (JSON.stringify(await lookForRotated(path)) !== JSON.stringify(logs))
    throw new Error("the log was rotated while it was read");
  return logs;
}

async function lookForRotated(path: string): Promise<readonly RotatedLog[]> {
  const names = (await readdir(dirname(path))).filter((name) =>
    [".", "-"].some((mark) => name.startsWith(`${basename(path)}${mark}`)),
  );
  // While a log is being compressed it lies there under both names.
  const whole = names.filter(
    (name) => !name.endsWith(compressed) || !names.includes(name.slice(0, -compressed.length)),
  );
  const found = await Promise.all(
    whole.map(async (name) => {
      const place = join(dirname(path), name);
      const { ino, mtimeNs: writtenAt } = await stat(place, { bigint: true });
      const log: RotatedLog = { path: place, inode: Number(ino), isCompressed: name.endsWith(compressed) };
      return { log, name, writtenAt };
    }),
  );
  found.sort((one, other) => Number(one.writtenAt - other.writtenAt) || byName(one.name, other.name));
  return found.map(({ log }) => log);
}

/** The order of files that were written to within one tick of the clock: logrotate counts them up, or dates them. */
function byName(one: string, other: string): number {
  const numberOf = (name: string): number => Number(/\.(\d+)(?:\.gz)?$/.exec(name)?.[1] ?? 0);
  return numberOf(other) - numberOf(one) || (one < other ? -1 : 1);
}

async function isKnown(
  log: RotatedLog,
  { inode, head }: { readonly inode: number; readonly head: FileHead },
): Promise<boolean> {
  // It was empty when it was last seen.
  if (head.bytes === 0) return log.inode === inode;
  return (await headOfRotated(log, head.bytes)).sha1 === head.sha1;
}

function headOf(bytes: Uint8Array): FileHead {
  return { bytes: bytes.length, sha1: createHash("sha1").update(bytes).digest("hex") };
}

function isDamage(error: unknown): boolean {
  return error instanceof Error && "code" in error && String(error.code).startsWith("Z_");
}
