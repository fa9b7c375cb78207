import { forgetOldDirectoryLogs } from "@mailstead/services/mailboxes";
import { syncLaggingDirectories } from "@mailstead/services/servers";
import type { WorkerContext } from "../worker-context.ts";
import type { Schedule } from "./schedule.ts";

const laggingEveryMs = 10_000;
const batchMax = 200;
const oldLogsEveryMs = 10 * 60_000;

/** What keeps mail directories up to date and their logs short, without a click. */
export function directorySchedules({ log, system }: WorkerContext): readonly Schedule[] {
  return [
    {
      name: "directories that are behind",
      everyMs: laggingEveryMs,
      async run() {
        for (const serverId of await syncLaggingDirectories(system(), { limit: batchMax }))
          log.warn({ serverId }, "asks a host for a sync, because its mail directory is behind");
      },
    },
    {
      name: "directory logs of old epochs",
      everyMs: oldLogsEveryMs,
      async run() {
        const count = await forgetOldDirectoryLogs(system());
        if (count > 0) log.info({ count }, "forgot directory changes of epochs that hosts have left");
      },
    },
  ];
}
