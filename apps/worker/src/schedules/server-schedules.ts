import type { Database, Installation } from "@mailstead/services/context";
import { endTlsExceptions } from "@mailstead/services/servers";
import type { WorkerContext } from "../worker-context.ts";
import type { Schedule } from "./schedule.ts";

const endedExceptionsEveryMs = 60 * 60_000;

/** What ends by itself in what servers ought to be. */
export function serverSchedules(
  { log, system }: WorkerContext,
  { app, installation }: { app: Database; installation: Installation },
): readonly Schedule[] {
  return [
    {
      name: "exceptions from TLS that have ended",
      everyMs: endedExceptionsEveryMs,
      async run() {
        const { ended, failed } = await endTlsExceptions(system(), { app, installation });
        for (const { serverId } of ended) log.info({ serverId }, "exceptions from TLS have ended");
        for (const { serverId, cause } of failed)
          log.error({ err: cause, serverId }, "exceptions from TLS could not be ended; it is tried again");
      },
    },
  ];
}
