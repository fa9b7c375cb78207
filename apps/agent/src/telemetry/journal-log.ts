import type { Host } from "../platform/host.ts";
import { type CommandResult, lastWords } from "../platform/run-command.ts";
import { createJournalReader, journalFields, type OnJournalEntry } from "./journal-export.ts";
import { isLogged, type MailLog } from "./mail-log.ts";

// What mail programs log with (RFC 5424 §6.2.1: facility 2), which leaves the agent's own lines and all others aside.
const mailFacility = "SYSLOG_FACILITY=2";
const journalctl = [
  "journalctl",
  "--quiet",
  "--no-pager",
  "--output=export",
  `--output-fields=${journalFields.join(",")}`,
] as const;
/** A cursor of ours, where no line of mail was there to go on from. */
const beginning = "beginning";
// A host that was cut off for days has much to read.
const readWithinMs = 30 * 60_000;

/** The mail log in systemd's journal. Its cursors outlive rotation, a reboot and a clock that jumps. */
export function openJournalLog(host: Host): MailLog {
  return {
    source: "journal",
    async read(start, onRecord) {
      if (start === null) return await lastCursor(host);
      if (typeof start === "object") return await readAfter(host, start.afterMs, onRecord);
      const cursor = start;
      // Not --after-cursor, which passes over a line more where the one of the cursor has been vacuumed away.
      const since = cursor === beginning ? [] : [`--cursor=${cursor}`];
      let last = cursor;
      const result = await readEntries(host, since, (reached, record) => {
        if (reached === cursor) return;
        last = reached;
        if (record !== null) onRecord(record, () => reached);
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
  let last = beginning;
  const result = await readEntries(host, ["--lines=1"], (reached) => {
    last = reached;
  });
  if (result.exitCode !== 0) throw new Error(`journalctl could not read the mail log: ${lastWords(result)}`);
  return last;
}

/** Reads what was logged after a time; where that is nothing, the next reading goes on from what was last before it. */
async function readAfter(
  host: Host,
  afterMs: number,
  onRecord: Parameters<MailLog["read"]>[1],
): Promise<string> {
  let last = await lastCursor(host);
  const since = `--since=@${Math.floor(afterMs / 1000)}`;
  const result = await readEntries(host, [since], (reached, record) => {
    last = reached;
    if (record !== null && isLogged(record.at, { afterMs })) onRecord(record, () => reached);
  });
  if (result.exitCode !== 0) throw new Error(`journalctl could not read the mail log: ${lastWords(result)}`);
  return last;
}

function readEntries(host: Host, from: readonly string[], onEntry: OnJournalEntry): Promise<CommandResult> {
  const reader = createJournalReader(onEntry);
  return host.run([...journalctl, ...from, mailFacility], {
    timeoutMs: readWithinMs,
    onOutput: (chunk) => reader.take(chunk),
  });
}
