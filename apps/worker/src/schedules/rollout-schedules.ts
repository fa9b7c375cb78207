import { rolloutsChannel } from "@mailstead/services/bus";
import type { Database, Installation } from "@mailstead/services/context";
import { lookFromOutside, runDueRollouts, runPatchPolicies } from "@mailstead/services/rollouts";
import type { WorkerContext } from "../worker-context.ts";
import type { Schedule } from "./schedule.ts";

/** A person watches, and whoever halts wants it soon. Where nothing is due, one look costs one small question. */
const rolloutsEveryMs = 1_000;

/** A server says soon after its change how its mail does, and this is to be known by then or by its next look. */
const outsideEveryMs = 5_000;

/** Hosts ask their mirror once or twice a day. */
const policiesEveryMs = 15 * 60_000;

/** Looks after changes that go over many servers. */
export function rolloutSchedules(
  { bus, log, system }: WorkerContext,
  parts: { app: Database; installation: Installation },
): readonly Schedule[] {
  return [
    {
      name: "rollouts that are due",
      everyMs: rolloutsEveryMs,
      async run() {
        const { failed, changedOrganisationIds } = await runDueRollouts(system(), parts);
        for (const organisationId of changedOrganisationIds)
          await bus.publish(rolloutsChannel(organisationId), "");
        for (const { rolloutId, cause } of failed)
          log.error({ err: cause, rolloutId }, "a rollout could not be looked after; it is tried again");
      },
    },
    {
      name: "servers that rollouts change, met from outside",
      everyMs: outsideEveryMs,
      async run() {
        const { failed } = await lookFromOutside(system(), parts);
        for (const { rolloutId, cause } of failed)
          log.error({ err: cause, rolloutId }, "servers could not be met from outside; it is tried again");
      },
    },
    {
      name: "updates by policy",
      everyMs: policiesEveryMs,
      async run() {
        const { started, failed } = await runPatchPolicies(system(), parts);
        for (const rolloutId of started) log.info({ rolloutId }, "a policy has started a rollout");
        for (const { organisationId, cause } of failed)
          log.error({ err: cause, organisationId }, "a policy could not be followed; it is tried again");
      },
    },
  ];
}
