import { constants } from "node:os";
import { reportMailbox } from "@mailstead/core/reports";
import { type CommandResult, lastWords } from "../../platform/run-command.ts";
import { noteDeath, type ReadReports, readReports } from "./read-reports.ts";
import { openReportFolder } from "./report-folder.ts";

/** What the process that reads mails of strangers may take; the kernel ends one that takes more. */
export const readerLimits = { memoryMiB: 320, timeMs: 5 * 60_000 } as const;

const began = "reading ";
const lost = "dropped ";
const failed = "failed ";

/**
 * Reads what waits in a process of its own, so that no mail costs the agent its memory or its life. A mail on which that
 * process dies twice is put aside and told of; the others are read at the next turn. Where nothing waits, none is started.
 */
export const readReportsApart: ReadReports = async (host, storePath) => {
  const waiting = await openReportFolder(host.path(reportMailbox.folder)).list();
  if (waiting.length === 0) return readReports(host, storePath);
  let mail: string | null = null;
  let dropped = 0;
  let words = "";
  const result = await host.run(
    [
      "systemd-run",
      "--scope",
      "--quiet",
      "--collect",
      `--property=MemoryMax=${readerLimits.memoryMiB}M`,
      "--property=MemorySwapMax=0",
      "--",
      process.execPath,
      "read-reports",
    ],
    {
      timeoutMs: readerLimits.timeMs,
      onLine(line) {
        if (line.startsWith(began)) mail = line.slice(began.length);
        if (line.startsWith(failed)) words = line.slice(failed.length);
        if (line.startsWith(lost)) dropped = Number(line.slice(lost.length)) || 0;
      },
    },
  );
  if (result.exitCode === 0) return { dropped };
  // The host goes down, or somebody stops what runs here: that says nothing of the mail.
  if (!result.hasTimedOut && endedBy(result, "SIGTERM")) return { dropped };
  if (mail === null) throw new Error(`the reader of reports did not start: ${lastWords(result)}`);
  return noteDeath(host, storePath, { name: mail, why: causeOf(result, words) });
};

/** In words of ours: what a program says as it dies may be the mail's. */
function causeOf(result: CommandResult, words: string): string {
  if (result.hasTimedOut) return "reading the mail took longer than it may";
  if (endedBy(result, "SIGKILL")) return "reading the mail took more memory than it may";
  if (/^[A-Za-z0-9_]{1,60}$/.test(words)) return `reading the mail failed: ${words}`;
  return `the process that read the mail ended with ${result.signal ?? `exit code ${result.exitCode}`}`;
}

/** A shell in between tells a signal as 128 and its number. */
function endedBy({ signal, exitCode }: CommandResult, asked: "SIGTERM" | "SIGKILL"): boolean {
  return signal === asked || exitCode === 128 + constants.signals[asked];
}

/** The other side: reads what waits, and says on standard output what the agent has to know. */
export async function runReportReader(
  input: { host: Parameters<ReadReports>[0]; storePath: string },
  say: (line: string) => void,
): Promise<void> {
  try {
    const { dropped } = await readReports(input.host, input.storePath, ({ name }) => say(`${began}${name}`));
    say(`${lost}${dropped}`);
  } catch (cause) {
    // Its code, or of what kind it is: its message may hold what stands in the mail.
    const { code, name } = cause as NodeJS.ErrnoException;
    say(`${failed}${code ?? name}`);
    throw cause;
  }
}
