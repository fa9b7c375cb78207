import type { Database, Installation } from "@mailstead/services/context";
import { runDueMeasures, runDueWarmUps, startFallbacks } from "@mailstead/services/measures";
import { takeTestedSmarthosts } from "@mailstead/services/servers";
import type { WorkerContext } from "../worker-context.ts";
import type { Schedule } from "./schedule.ts";

const measuresEveryMs = 60_000;
const fallbacksEveryMs = 5 * 60_000;
const warmUpsEveryMs = 10 * 60_000;
/** A person looks at the test while it runs. */
const smarthostsEveryMs = 2_000;

/** Looks after what is done about providers: steps, ends, relays that begin by themselves, warm-ups, and smarthosts that wait for their test. */
export function measureSchedules(
  { log, system }: WorkerContext,
  parts: { app: Database; installation: Installation },
): readonly Schedule[] {
  return [
    {
      name: "measures that are due",
      everyMs: measuresEveryMs,
      async run() {
        const { failed } = await runDueMeasures(system(), parts);
        for (const { measureId, cause } of failed)
          log.error({ err: cause, measureId }, "a measure could not be looked after; it is tried again");
      },
    },
    {
      name: "providers that block a server",
      everyMs: fallbacksEveryMs,
      async run() {
        const { started, failed } = await startFallbacks(system(), parts);
        for (const { serverId, provider } of started)
          log.info({ serverId, provider }, "a provider is relayed through the standby smarthost");
        for (const { serverId, cause } of failed)
          log.error({ err: cause, serverId }, "a relay could not be started; it is tried again");
      },
    },
    {
      name: "warm-ups that are due",
      everyMs: warmUpsEveryMs,
      async run() {
        const { failed } = await runDueWarmUps(system(), parts);
        for (const { warmUpId, cause } of failed)
          log.error({ err: cause, warmUpId }, "a warm-up could not be looked after; it is tried again");
      },
    },
    {
      name: "smarthosts that were tested",
      everyMs: smarthostsEveryMs,
      async run() {
        const { failed } = await takeTestedSmarthosts(system(), parts);
        for (const { serverId, cause } of failed)
          log.error({ err: cause, serverId }, "a tested smarthost could not be used; it is tried again");
      },
    },
  ];
}
