import { type FileHandle, open } from "node:fs/promises";
import { type LogRecord, mayTellOfMessage, openSyslogParts } from "@mailstead/core/delivery";
import { z } from "zod";
import { isMissing } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";
import { parseJson } from "../platform/parse-json.ts";
import { isLogged, type MailLog } from "./mail-log.ts";
import {
  findRotated,
  headOfRotated,
  headSchema,
  type RotatedLog,
  readHead,
  readRotated,
} from "./rotated-logs.ts";
import { createLineSplitter, splitFrom } from "./split-lines.ts";

const positionSchema = z.object({ inode: z.number(), offset: z.int().nonnegative(), head: headSchema });
type Position = z.infer<typeof positionSchema>;
type LogFile = Omit<Position, "offset">;

/** What the name of a log in a file begins with; its path follows. */
export const fileSource = "file ";

const chunkBytes = 256 * 1024;
const noFile: Position = { inode: 0, offset: 0, head: { bytes: 0, sha1: "" } };

/**
 * A mail log in a file, which is renamed and begun anew, or copied and emptied, by whoever rotates it. What was put aside since is
 * read to its end first, also where gzip compressed it; a line is read when its end has been written. Stamps
 * that name no zone are taken as the host's own time.
 */
export function openFileLog(host: Host, path: string): MailLog {
  const real = host.path(path);
  return {
    source: `${fileSource}${path}`,
    async read(start, onRecord) {
      const tell = teller(host, onRecord);
      const current = await openIfThere(real);
      try {
        if (start === null) return JSON.stringify(current === null ? noFile : await endOf(current));
        if (typeof start === "object") {
          if (current === null) return JSON.stringify(noFile);
          const later = teller(host, (record, readCursor) => {
            if (isLogged(record.at, start)) onRecord(record, readCursor);
          });
          return JSON.stringify(await readLines(current, { ...(await fileOf(current)), offset: 0 }, later));
        }
        const from = positionSchema.parse(parseJson(start));
        if (current !== null && (await isStill(current, from)))
          return JSON.stringify(await readLines(current, from, tell));
        // A log has one writer: once the new file has a line, the old one gets none.
        const now = current === null ? null : await current.stat();
        const isBegun = now !== null && now.size > 0;
        const last = await readAside(await findRotated(real, from, now?.ino ?? null), from, tell);
        if (current === null || !(isBegun || last === null)) return JSON.stringify(last ?? from);
        return JSON.stringify(await readLines(current, { ...(await fileOf(current)), offset: 0 }, tell));
      } finally {
        await current?.close();
      }
    },
  };
}

type Tell = (file: LogFile) => Parameters<typeof createLineSplitter>[1];

/** Gives the lines of a file that may tell of a message as records, each with the position after it. */
function teller(host: Host, onRecord: (record: LogRecord, readCursor: () => string) => void): Tell {
  const read = openSyslogParts({ now: host.nowUnixMs(), fromHostTime }, mayTellOfMessage);
  return (file) => {
    let offset = 0;
    const readCursor = () => JSON.stringify({ ...file, offset });
    return (lines, begin, end) => {
      const record = read(lines, begin, end);
      if (record === null) return;
      ({ offset } = lines);
      onRecord(record, readCursor);
    };
  };
}

/** Reads the lines of an open file from a position on; returns where the next one begins. */
async function readLines(file: FileHandle, from: Position, tell: Tell): Promise<Position> {
  const known = { ...from, head: await readHead(file) };
  const splitter = createLineSplitter(from.offset, tell(known));
  const chunk = Buffer.allocUnsafe(chunkBytes);
  for (let at = splitFrom(from.offset); ; ) {
    const { bytesRead } = await file.read(chunk, 0, chunkBytes, at);
    if (bytesRead === 0) return { ...known, offset: splitter.offset };
    at += bytesRead;
    splitter.take(chunk.subarray(0, bytesRead));
  }
}

/** Reads what is left of the file that the log was, and all that was put aside after it; null when there is none. */
async function readAside(logs: readonly RotatedLog[], from: Position, tell: Tell): Promise<Position | null> {
  let last: Position | null = null;
  for (const log of logs) {
    // Only the first of them was read before.
    const offset: number = last === null ? from.offset : 0;
    const known = { inode: log.inode, head: await headOfRotated(log) };
    const splitter = createLineSplitter(offset, tell(known));
    for await (const chunk of readRotated(log, splitFrom(offset))) splitter.take(chunk);
    last = { ...known, offset: splitter.offset };
  }
  return last;
}

/** Whether a position is one of this file: another may have its number by now, or what it held was emptied out of it. */
async function isStill(file: FileHandle, { inode, offset, head }: Position): Promise<boolean> {
  const { ino, size } = await file.stat();
  if (ino !== inode || size < offset) return false;
  return head.bytes === 0 || (await readHead(file, head.bytes)).sha1 === head.sha1;
}

async function fileOf(file: FileHandle): Promise<LogFile> {
  return { inode: (await file.stat()).ino, head: await readHead(file) };
}

async function endOf(file: FileHandle): Promise<Position> {
  return { ...(await fileOf(file)), offset: (await file.stat()).size };
}

async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, "r");
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** When this host's clock showed a time, which is given as though it had been UTC. */
function fromHostTime(asIfUtc: number): number {
  const shown = new Date(asIfUtc);
  return new Date(
    shown.getUTCFullYear(),
    shown.getUTCMonth(),
    shown.getUTCDate(),
    shown.getUTCHours(),
    shown.getUTCMinutes(),
    shown.getUTCSeconds(),
  ).getTime();
}
