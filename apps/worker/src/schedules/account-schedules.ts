import { recordAccountFindings } from "@mailstead/services/accounts";
import type { Database, Installation } from "@mailstead/services/context";
import type { WorkerContext } from "../worker-context.ts";
import type { Schedule } from "./schedule.ts";

// A stolen account costs more with each minute, and its host tells within one.
const findingsEveryMs = 15_000;

/** Keeps as findings what hosts tell of accounts that send unlike themselves. */
export function accountSchedules(
  { log, system }: WorkerContext,
  parts: { app: Database; installation: Installation },
): readonly Schedule[] {
  return [
    {
      name: "accounts that send unlike themselves",
      everyMs: findingsEveryMs,
      async run() {
        for (const { organisationId, cause } of await recordAccountFindings(system(), parts))
          log.error(
            { err: cause, organisationId },
            "what hosts tell of accounts could not be kept; it is tried again",
          );
      },
    },
  ];
}
