import type { Database, Installation } from "@mailstead/services/context";
import { keepLatencySums } from "@mailstead/services/delivery";
import { keepReportSenders, keepTlsOverviews } from "@mailstead/services/reports";
import { judgeReputations } from "@mailstead/services/reputation";
import { keepServerDays } from "@mailstead/services/summed-days";
import { keepVerdictDays } from "@mailstead/services/verdicts";
import type { WorkerContext } from "../worker-context.ts";
import type { Schedule } from "./schedule.ts";

// A page of one server or domain judges by the minute; what is kept is for lists, maps and the course of weeks.
const judgedEveryMs = 10 * 60_000;

/** What receivers think of senders, kept day by day, and how long each server's mail took. */
export function reputationSchedules(
  { log, system }: WorkerContext,
  { app, installation }: { app: Database; installation: Installation },
): readonly Schedule[] {
  return [
    {
      name: "what receivers think of senders",
      everyMs: judgedEveryMs,
      async run() {
        for (const { organisationId, cause } of await judgeReputations(system(), { app, installation }))
          log.error(
            { err: cause, organisationId },
            "what receivers think of senders could not be judged; it is tried again",
          );
      },
    },
    {
      name: "how long mail takes",
      everyMs: judgedEveryMs,
      async run() {
        for (const { organisationId, cause } of await keepLatencySums(system(), { app, installation }))
          log.error(
            { err: cause, organisationId },
            "how long mail takes could not be summed; it is tried again",
          );
      },
    },
    {
      name: "what left servers, day by day",
      everyMs: judgedEveryMs,
      async run() {
        for (const { organisationId, cause } of await keepServerDays(system(), { app, installation }))
          log.error(
            { err: cause, organisationId },
            "what left servers could not be summed; it is tried again",
          );
      },
    },
    {
      name: "what filters decided, day by day",
      everyMs: judgedEveryMs,
      async run() {
        for (const { organisationId, cause } of await keepVerdictDays(system(), { app, installation }))
          log.error(
            { err: cause, organisationId },
            "what filters decided could not be summed; it is tried again",
          );
      },
    },
    {
      name: "who sends in the name of domains, and how mail is encrypted",
      everyMs: judgedEveryMs,
      async run() {
        for (const keep of [keepReportSenders, keepTlsOverviews])
          for (const { organisationId, cause } of await keep(system(), { app, installation }))
            log.error(
              { err: cause, organisationId },
              "what a page shows could not be kept; it is tried again",
            );
      },
    },
  ];
}
