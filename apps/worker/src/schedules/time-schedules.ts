import { keepTime } from "@mailstead/services/clock";
import type { WorkerContext } from "../worker-context.ts";
import type { Schedule } from "./schedule.ts";

// A clock that jumps is noticed after so long; until then waits do not end, because the reading is too far away.
const comparedEveryMs = 10_000;

/** What ends by time alone ends by time that was lived through. */
export function timeSchedules({ log, system }: WorkerContext): readonly Schedule[] {
  return [
    {
      name: "the time",
      everyMs: comparedEveryMs,
      async run() {
        const { skewMs, isNew, movedMs } = await keepTime(system());
        if (skewMs !== null && isNew)
          log.error({ skewMs }, "the worker's clock and the database's disagree, so no wait ends");
        if (skewMs === null && isNew) log.info("the worker's clock and the database's agree again");
        if (movedMs !== null)
          log.warn({ movedMs }, "what waits for time to pass waits for the time that nobody lived through");
      },
    },
  ];
}
