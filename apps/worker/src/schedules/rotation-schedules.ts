import { serverChannel } from "@mailstead/services/bus";
import type { Database, Installation } from "@mailstead/services/context";
import type { RecordPublisher } from "@mailstead/services/dns";
import { publishDueFirstKeys, runDueRotations } from "@mailstead/services/rotations";
import type { WorkerContext } from "../worker-context.ts";
import type { Schedule } from "./schedule.ts";

// Its own rows say when each rotation is to be looked at; this is how late that can be.
const dueRotationsEveryMs = 10_000;

/** DKIM keys are published and replaced without anybody waiting for it. */
export function rotationSchedules(
  context: WorkerContext,
  { app, installation, publisher }: { app: Database; installation: Installation; publisher: RecordPublisher },
): readonly Schedule[] {
  const { bus, log, system } = context;
  return [
    {
      name: "DKIM rotations",
      everyMs: dueRotationsEveryMs,
      async run() {
        const run = await runDueRotations(system(), { app, installation, publisher });
        for (const started of run.started) log.info(started, "the schedule began to replace DKIM keys");
        for (const { domainId, sentence } of run.postponed)
          log.info({ domainId }, `DKIM keys could not be replaced when it was their turn: ${sentence}`);
        for (const { id, cause } of run.failed)
          log.error({ err: cause, id }, "a DKIM rotation could not be looked after; it is tried again");
        // Who looks at a domain follows its servers.
        for (const serverId of new Set(run.ticked.flatMap(({ serverIds }) => serverIds)))
          await bus.publish(serverChannel(serverId), "");
      },
    },
    {
      name: "first DKIM keys",
      everyMs: dueRotationsEveryMs,
      async run() {
        const run = await publishDueFirstKeys(system(), { app, installation, publisher });
        for (const tried of run.tried) log.info(tried, "first DKIM keys were to be published");
        for (const { domainId, cause } of run.failed)
          log.error({ err: cause, domainId }, "first DKIM keys could not be looked after; it is tried again");
      },
    },
  ];
}
