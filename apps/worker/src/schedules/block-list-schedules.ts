import {
  forgetOldListChanges,
  recordBlockListFindings,
  tellHostsOfSettings,
} from "@mailstead/services/block-lists";
import type { Database, Installation } from "@mailstead/services/context";
import type { SecretOpener } from "@mailstead/services/secrets";
import type { WorkerContext } from "../worker-context.ts";
import type { Schedule } from "./schedule.ts";

const settingsEveryMs = 30_000;
const findingsEveryMs = 60_000;
const oldChangesEveryMs = 60 * 60_000;

/** Tells hosts how to ask block lists, and keeps as findings what they say. */
export function blockListSchedules(
  { log, system }: WorkerContext,
  parts: { app: Database; installation: Installation; opener: SecretOpener },
): readonly Schedule[] {
  return [
    {
      name: "how hosts ask block lists",
      everyMs: settingsEveryMs,
      async run() {
        for (const { organisationId, cause } of await tellHostsOfSettings(system(), parts))
          log.error(
            { err: cause, organisationId },
            "hosts could not be told of block lists; it is tried again",
          );
      },
    },
    {
      name: "what block lists say",
      everyMs: findingsEveryMs,
      async run() {
        for (const { organisationId, cause } of await recordBlockListFindings(system(), parts))
          log.error(
            { err: cause, organisationId },
            "what block lists say could not be kept; it is tried again",
          );
      },
    },
    {
      name: "old changes of block lists",
      everyMs: oldChangesEveryMs,
      run: () => forgetOldListChanges(system()),
    },
  ];
}
