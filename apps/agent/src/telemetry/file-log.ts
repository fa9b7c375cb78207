import { type FileHandle, open, readdir } from "node:fs/promises";
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
 * A mail log in a file, which is renamed and begun anew (or emptied in place) by whoever rotates it. What was renamed is
 * read to its end first, as long as it is not compressed; a line is read when its end has been written.
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
          await readRenamed(real, from, told);
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

/** What is left of the file that the log was; nothing when it is gone or compressed. */
async function readRenamed(
  real: string,
  from: Position,
  told: (position: Position, line: string) => void,
): Promise<void> {
  for (const name of await readdir(dirname(real))) {
    if (!name.startsWith(`${basename(real)}.`) && !name.startsWith(`${basename(real)}-`)) continue;
    const file = await open(join(dirname(real), name), "r");
    try {
      if ((await file.stat()).ino !== from.inode) continue;
      await readLines(file, from, told);
      return;
    } finally {
      await file.close();
    }
  }
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
