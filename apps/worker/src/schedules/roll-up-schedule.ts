import { rollUpDeliveries } from "@mailstead/services/delivery";
import type { WorkerContext } from "../worker-context.ts";
import type { Schedule } from "./schedule.ts";

// How far hours and days are behind the minutes. Where nothing waits a run asks one question.
const rolledUpEveryMs = 2_000;

/** What adds up by hour and day what hosts told by the minute. */
export function rollUpSchedule({ log, system }: WorkerContext): Schedule {
  let known: ReadonlySet<string> = new Set();
  return {
    name: "hours and days of deliveries",
    everyMs: rolledUpEveryMs,
    async run() {
      const failed = await rollUpDeliveries(system());
      for (const { serverId, cause } of failed)
        if (!known.has(serverId))
          log.error(
            { err: cause, serverId },
            "what a server told could not be added to its hours and days; it waits and is tried again",
          );
      known = new Set(failed.map(({ serverId }) => serverId));
    },
  };
}
