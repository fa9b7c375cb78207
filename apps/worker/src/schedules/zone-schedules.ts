import type { Database, Installation } from "@mailstead/services/context";
import { checkDueZones, renewWaitingZones } from "@mailstead/services/zones";
import type { WorkerContext } from "../worker-context.ts";
import { resolverSilence } from "./resolver-silence.ts";
import type { Schedule } from "./schedule.ts";

const waitingZonesEveryMs = 30_000;
const dueZonesEveryMs = 30_000;

/** What hosted zones have to follow, like keys that hosts made and domains that came and went, and what the world shows of them. */
export function zoneSchedules(
  context: WorkerContext,
  { app, installation }: { app: Database; installation: Installation },
): readonly Schedule[] {
  const { log, system } = context;
  const tellSilence = resolverSilence(log);
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
    {
      name: "hosted zones to check",
      everyMs: dueZonesEveryMs,
      async run() {
        const run = await checkDueZones(system(), { app, installation });
        for (const { zoneId, cause } of run.failed)
          log.error({ err: cause, zoneId }, "a hosted zone could not be checked; it is tried again");
        tellSilence(run);
      },
    },
  ];
}
