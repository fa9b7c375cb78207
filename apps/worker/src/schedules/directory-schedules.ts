import { syncLaggingDirectories } from "@mailstead/services/servers";
import type { WorkerContext } from "../worker-context.ts";
import type { Schedule } from "./schedule.ts";

const laggingEveryMs = 10_000;
const batchMax = 200;

/** What brings mail directories up to date that no click is about. */
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
  ];
}
