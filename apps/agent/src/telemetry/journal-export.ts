import { isAscii } from "node:buffer";
import type { LogRecord } from "@mailstead/core/delivery";
import { lineMaxBytes } from "./split-lines.ts";

/** Takes apart what journalctl writes, chunk by chunk. The chunk may be written over afterwards. */
export interface JournalReader {
  take(chunk: Buffer): void;
}

/** An entry of the journal: where reading goes on after it, and its line where it is one that counts. */
export type OnJournalEntry = (cursor: string, record: LogRecord | null) => void;

/** What is asked for of each entry, besides its cursor and its time, which are always told. */
export const journalFields = ["MESSAGE", "SYSLOG_IDENTIFIER", "SYSLOG_PID", "_PID", "_UID"] as const;

/**
 * The first id of a person (Debian Policy §9.2.2). Mail programs log as users of the system; anybody may log in their name,
 * but not with their id, which the kernel tells the journal.
 */
const firstPersonId = 1000;
const newline = 0x0a;
const sizeBytes = 8;
const nothing = Buffer.alloc(0);

/** An entry of which not all has been read. */
interface OpenEntry {
  cursor: string | null;
  atMicros: number;
  program: string | null;
  message: string | null;
  syslogPid: number | null;
  ownPid: number | null;
  userId: number;
}

const empty: OpenEntry = {
  cursor: null,
  atMicros: Number.NaN,
  program: null,
  message: null,
  syslogPid: null,
  ownPid: null,
  userId: Number.NaN,
};

/**
 * Reads the Journal Export Format (https://systemd.io/JOURNAL_EXPORT_FORMATS): a field a line as `NAME=value`, or where the
 * value is no plain text `NAME`, its length in eight bytes and its bytes; an empty line ends the entry. It costs journalctl half
 * of what JSON does. A value that is longer than any line of syslog is passed over, since anybody may log one.
 */
export function createJournalReader(onEntry: OnJournalEntry): JournalReader {
  let entry: OpenEntry = { ...empty };
  let rest: Buffer = nothing;
  /** Bytes of a value that are passed over. */
  let passing = 0;
  let isPassingLine = false;
  // A host has few programs, and each is named in every line of its own.
  const programs = new Map<string, string>();

  return {
    take(chunk) {
      const passed = Math.min(passing, chunk.length);
      passing -= passed;
      const fresh = chunk.subarray(passed);
      const bytes = rest.length === 0 ? fresh : Buffer.concat([rest, fresh]);
      // One character a byte, so that places in the one are places in the other.
      const text = bytes.toString("latin1");
      const encoding = isAscii(bytes) ? "latin1" : "utf8";
      let at = 0;
      for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", at)) {
        if (isPassingLine) isPassingLine = false;
        else if (end === at) finish();
        else if (!takeField(at, end)) {
          const after = takeBytes(text.slice(at, end), end + 1);
          if (after === null) break;
          at = after;
          continue;
        }
        at = end + 1;
      }
      // A copy, because a part would hold the whole.
      rest = Buffer.from(bytes.subarray(at));
      if (isPassingLine || (rest.length > lineMaxBytes && !rest.includes(newline))) {
        isPassingLine = true;
        rest = nothing;
      }

      /** Takes `NAME=value`; false where the line is no such field. */
      function takeField(begin: number, end: number): boolean {
        const value = (name: string) => text.slice(begin + name.length, end);
        if (text.startsWith("MESSAGE=", begin))
          // Of its own, because parts of it are kept for as long as its mail waits.
          entry.message = bytes.toString(encoding, begin + "MESSAGE=".length, end);
        else if (text.startsWith("__CURSOR=", begin)) entry.cursor = value("__CURSOR=");
        else if (text.startsWith("__REALTIME_TIMESTAMP=", begin))
          entry.atMicros = Number(value("__REALTIME_TIMESTAMP="));
        else if (text.startsWith("SYSLOG_IDENTIFIER=", begin))
          entry.program = nameOf(begin + "SYSLOG_IDENTIFIER=".length, end);
        else if (text.startsWith("SYSLOG_PID=", begin)) entry.syslogPid = readPid(value("SYSLOG_PID="));
        else if (text.startsWith("_PID=", begin)) entry.ownPid = readPid(value("_PID="));
        else if (text.startsWith("_UID=", begin)) entry.userId = Number(value("_UID="));
        else {
          const equals = text.indexOf("=", begin);
          return equals >= 0 && equals < end;
        }
        return true;
      }

      function nameOf(begin: number, end: number): string {
        const known = programs.get(text.slice(begin, end));
        if (known !== undefined) return known;
        const name = bytes.toString("utf8", begin, end);
        if (programs.size >= programsMax) programs.clear();
        programs.set(bytes.toString("latin1", begin, end), name);
        return name;
      }

      /** Takes a value that is told with its length; gives where the next field begins, or null before all of it is there. */
      function takeBytes(name: string, sizeAt: number): number | null {
        const begin = sizeAt + sizeBytes;
        if (begin > bytes.length) return null;
        const end = begin + Number(bytes.readBigUInt64LE(sizeAt));
        if (end - begin > lineMaxBytes) {
          passing = Math.max(0, end + 1 - bytes.length);
          return Math.min(end + 1, bytes.length);
        }
        if (end >= bytes.length) return null;
        if (name === "MESSAGE") entry.message = bytes.toString("utf8", begin, end);
        return end + 1;
      }
    },
  };

  function finish(): void {
    const { cursor, atMicros, program, message, syslogPid, ownPid, userId } = entry;
    entry = { ...empty };
    const at = Math.round(atMicros / 1000);
    if (cursor === null || !Number.isSafeInteger(at)) return;
    const counts = message !== null && program !== null && !(userId >= firstPersonId);
    onEntry(cursor, counts ? { at, program, pid: syslogPid ?? ownPid, message } : null);
  }
}

const programsMax = 1000;

function readPid(told: string): number | null {
  const pid = Number.parseInt(told, 10);
  return Number.isNaN(pid) ? null : pid;
}
