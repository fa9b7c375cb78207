import { type FileHandle, open, readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { parseSyslogLine } from "@mailstead/core/delivery";
import { z } from "zod";
import type { Host } from "../platform/host.ts";
import { parseJson } from "../platform/parse-json.ts";
import type { MailLog } from "./mail-log.ts";

const positionSchema = z.object({ inode: z.number(), offset: z.int().nonnegative() });
type Position = z.infer<typeof positionSchema>;

const chunkBytes = 256 * 1024;
/** No line of syslog is as long; what is longer is passed over. */
const lineMaxBytes = 64 * 1024;
const newline = 0x0a;

/**
 * A mail log in a file, which is renamed and begun anew (or emptied in place) by whoever rotates it. What was renamed since
 * is read to its end first, file by file, as long as it is not compressed; a line is read when its end has been written.
 */
export function openFileLog(host: Host, path: string): MailLog {
  const real = host.path(path);
  return {
    source: `file ${path}`,
    async read(cursor, onRecord) {
      const now = host.nowUnixMs();
      const told = (position: Position, line: string) => {
        const record = parseSyslogLine(line, now);
        if (record !== null) onRecord(record, JSON.stringify(position));
      };
      const current = await open(real, "r");
      try {
        const { ino: inode, size } = await current.stat();
        if (cursor === null) return JSON.stringify({ inode, offset: size });
        let from = positionSchema.parse(parseJson(cursor));
        if (from.inode !== inode) {
          const reached = await readRenamed(real, { from, current: inode }, told);
          // Whoever logs goes on with the renamed file until it is told to open the new one, in which nothing stands before.
          if (size === 0 && reached !== null) return JSON.stringify(reached);
          from = { inode, offset: 0 };
        } else if (from.offset > size) {
          from = { inode, offset: 0 };
        }
        return JSON.stringify(await readLines(current, from, told));
      } finally {
        await current.close();
      }
    },
  };
}

/**
 * What is left of the file that the log was, and what was logged and renamed after it. Returns where the last of them ends;
 * null when the first is gone or compressed, since nobody can tell then what of the others was read.
 */
async function readRenamed(
  real: string,
  { from, current }: { from: Position; current: number },
  told: (position: Position, line: string) => void,
): Promise<Position | null> {
  const files = await listRenamed(real);
  const first = files.findIndex(({ inode }) => inode === from.inode);
  if (first < 0) return null;
  // The log itself may have been renamed a moment ago; it is read after these, by whoever opened it.
  const last = files.findIndex(({ inode }) => inode === current);
  let reached = from;
  for (const { name, inode } of files.slice(first, last < 0 ? undefined : last)) {
    const file = await open(join(dirname(real), name), "r");
    try {
      if ((await file.stat()).ino !== inode) throw new Error("the log was rotated while it was read");
      reached = await readLines(file, inode === from.inode ? from : { inode, offset: 0 }, told);
    } finally {
      await file.close();
    }
  }
  return reached;
}

interface Renamed {
  readonly name: string;
  readonly inode: number;
}

const compressed = /\.(?:gz|bz2|xz|zst)$/;

/** The log's earlier files, the oldest first: the order in which they were last written to. */
async function listRenamed(real: string): Promise<readonly Renamed[]> {
  const look = async (): Promise<readonly Renamed[]> => {
    const files: (Renamed & { readonly writtenAt: bigint })[] = [];
    for (const name of await readdir(dirname(real))) {
      if (!name.startsWith(`${basename(real)}.`) && !name.startsWith(`${basename(real)}-`)) continue;
      if (compressed.test(name)) continue;
      const { ino, mtimeNs: writtenAt } = await stat(join(dirname(real), name), { bigint: true });
      files.push({ name, inode: Number(ino), writtenAt });
    }
    files.sort((one, other) => Number(one.writtenAt - other.writtenAt) || byName(one.name, other.name));
    return files.map(({ name, inode }) => ({ name, inode }));
  };
  const files = await look();
  // A rotation renames one file after the other, and in between a file may be missed or met twice.
  if (JSON.stringify(await look()) !== JSON.stringify(files))
    throw new Error("the log was rotated while it was read");
  return files;
}

/** The order of files that were written to within one tick of the clock: logrotate counts them up, or dates them. */
function byName(one: string, other: string): number {
  const numberOf = (name: string): number => Number(/\.(\d+)$/.exec(name)?.[1] ?? 0);
  return numberOf(other) - numberOf(one) || (one < other ? -1 : 1);
}

/** Gives each whole line from a position on; returns where the next one begins. */
async function readLines(
  file: FileHandle,
  from: Position,
  told: (position: Position, line: string) => void,
): Promise<Position> {
  let { offset } = from;
  let rest = Buffer.alloc(0);
  for (let at = offset; ; ) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(chunkBytes), 0, chunkBytes, at);
    if (bytesRead === 0) return { ...from, offset };
    at += bytesRead;
    rest = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
    for (let end = rest.indexOf(newline); end >= 0; end = rest.indexOf(newline)) {
      const line = rest.subarray(0, end).toString("utf8");
      rest = rest.subarray(end + 1);
      offset += end + 1;
      told({ ...from, offset }, line);
    }
    if (rest.length > lineMaxBytes) {
      offset += rest.length;
      rest = Buffer.alloc(0);
    }
  }
}
