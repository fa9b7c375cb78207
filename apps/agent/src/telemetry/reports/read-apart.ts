import { reportMailbox } from "@mailstead/core/reports";
import { lastWords } from "../../platform/run-command.ts";
import { giveUpMail, type ReadReports, readReports } from "./read-reports.ts";
import { openReportFolder } from "./report-folder.ts";

/** What the process that reads mails of strangers may take; the kernel ends one that takes more. */
export const readerLimits = { memoryMiB: 320, timeMs: 5 * 60_000 } as const;

const began = "reading ";
const lost = "dropped ";

/**
 * Reads what waits in a process of its own, so that no mail costs the agent its memory or its life. A mail on which that
 * process dies is put aside and told of; the others are read at the next turn. Where nothing waits, none is started.
 */
export const readReportsApart: ReadReports = async (host, storePath) => {
  const waiting = await openReportFolder(host.path(reportMailbox.folder)).list();
  if (waiting.length === 0) return readReports(host, storePath);
  let mail: string | null = null;
  let dropped = 0;
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
        if (line.startsWith(lost)) dropped = Number(line.slice(lost.length)) || 0;
      },
    },
  );
  if (result.exitCode === 0) return { dropped };
  if (mail === null) throw new Error(`the reader of reports did not start: ${lastWords(result)}`);
  const why = result.hasTimedOut
    ? "reading the mail took longer than it may"
    : "reading the mail took more memory than it may";
  return giveUpMail(host, storePath, { name: mail, why });
};

/** The other side: reads what waits, and says on standard output what the agent has to know. */
export async function runReportReader(
  input: { host: Parameters<ReadReports>[0]; storePath: string },
  say: (line: string) => void,
): Promise<void> {
  const { dropped } = await readReports(input.host, input.storePath, ({ name }) => say(`${began}${name}`));
  say(`${lost}${dropped}`);
}
