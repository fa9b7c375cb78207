import type { Database, Installation } from "@mailstead/services/context";
import { renewWaitingZones } from "@mailstead/services/zones";
import type { WorkerContext } from "../worker-context.ts";
import type { Schedule } from "./schedule.ts";

const waitingZonesEveryMs = 30_000;

/** What hosted zones have to follow: keys that hosts made, addresses that changed, domains that came and went. */
export function zoneSchedules(
  context: WorkerContext,
  { app, installation }: { app: Database; installation: Installation },
): readonly Schedule[] {
  const { log, system } = context;
  return [
    {
      name: "hosted zones to renew",
      everyMs: waitingZonesEveryMs,
      async run() {
        const { changed, failed } = await renewWaitingZones(system(), { app, installation });
        for (const zoneId of changed) log.info({ zoneId }, "a hosted zone was brought in step");
        for (const { zoneId, cause } of failed)
          log.error({ err: cause, zoneId }, "a hosted zone could not be brought in step; it is tried again");
      },
    },
  ];
}
