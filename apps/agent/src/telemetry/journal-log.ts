import type { LogRecord } from "@mailstead/core/delivery";
import type { Host } from "../platform/host.ts";
import { parseJson } from "../platform/parse-json.ts";
import { lastWords } from "../platform/run-command.ts";
import type { MailLog } from "./mail-log.ts";

// What mail programs log with (RFC 5424 §6.2.1: facility 2), which leaves the agent's own lines and all others aside.
const mailFacility = "SYSLOG_FACILITY=2";
const journalctl = [
  "journalctl",
  "--quiet",
  "--no-pager",
  "--output=json",
  "--output-fields=MESSAGE,SYSLOG_IDENTIFIER,SYSLOG_PID,_PID,_UID",
] as const;
/**
 * The first id of a person (Debian Policy §9.2.2). Mail programs log as users of the system; anybody may log in their name,
 * but not with their id, which the kernel tells the journal.
 */
const firstPersonId = 1000;
/** A cursor of ours, where no line of mail was there to go on from. */
const beginning = "beginning";
// A host that was cut off for days has much to read.
const readWithinMs = 30 * 60_000;

/** The mail log in systemd's journal. Its cursors outlive rotation, a reboot and a clock that jumps. */
export function openJournalLog(host: Host): MailLog {
  return {
    source: "journal",
    async read(cursor, onRecord) {
      if (cursor === null) return await lastCursor(host);
      // Not --after-cursor, which passes over a line more where the one of the cursor has been vacuumed away.
      const since = cursor === beginning ? [] : [`--cursor=${cursor}`];
      let last = cursor;
      const onLine = (line: string) => {
        const entry = parseEntry(line);
        if (entry === null || entry.cursor === cursor) return;
        last = entry.cursor;
        if (entry.record !== null) onRecord(entry.record, () => entry.cursor);
      };
      const result = await host.run([...journalctl, ...since, mailFacility], {
        timeoutMs: readWithinMs,
        onLine,
      });
      if (result.exitCode === 0) return last;
      // A journal that another machine wrote, or a damaged one: what it told before cannot be found in it again.
      if (last === cursor && result.stderr.includes("seek to cursor")) return await lastCursor(host);
      throw new Error(`journalctl could not read the mail log: ${lastWords(result)}`);
    },
  };
}

/**
 * The last line of mail, since what was logged before this host was followed is not counted. It must be one of mail:
 * from a line that the filter leaves out, journalctl would pass over the first that it lets through.
 */
async function lastCursor(host: Host): Promise<string> {
  const result = await host.run([...journalctl, "--lines=1", mailFacility]);
  if (result.exitCode !== 0) throw new Error(`journalctl could not read the mail log: ${lastWords(result)}`);
  return parseEntry(result.stdout.trim())?.cursor ?? beginning;
}

/** Checked by hand: a schema takes longer for each of many lines than all that is made of them. */
function parseEntry(line: string): { cursor: string; record: LogRecord | null } | null {
  const entry = parseJson(line);
  if (typeof entry !== "object" || entry === null) return null;
  const {
    __CURSOR: cursor,
    __REALTIME_TIMESTAMP: atMicros,
    MESSAGE: told,
    SYSLOG_IDENTIFIER: program,
    SYSLOG_PID: syslogPid,
    _PID: ownPid,
    _UID: userId,
  } = entry as Record<string, unknown>;
  const at = Math.round(Number(atMicros) / 1000);
  if (typeof cursor !== "string" || !Number.isSafeInteger(at)) return null;
  const message = readText(told);
  if (message === null || typeof program !== "string" || Number(userId) >= firstPersonId)
    return { cursor, record: null };
  return { cursor, record: { at, program, pid: readPid(syslogPid) ?? readPid(ownPid), message } };
}

/** A text is an array of bytes where it is none, and null where it is too long for the journal's own tool. */
function readText(told: unknown): string | null {
  if (typeof told === "string") return told;
  return Array.isArray(told) ? Buffer.from(told).toString("utf8") : null;
}

function readPid(told: unknown): number | null {
  const pid = typeof told === "string" ? Number.parseInt(told, 10) : Number.NaN;
  return Number.isNaN(pid) ? null : pid;
}
