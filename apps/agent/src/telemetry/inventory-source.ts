import { createHash } from "node:crypto";
import { changelogReadingSchema, changeUrgencies, type Inventory } from "@mailstead/core/updates";
import { z } from "zod";
import { stampOf } from "../observe/file-stamps.ts";
import type { AptPlan } from "../observe/inventory/apt-plan.ts";
import { type KnownChanges, noChangesKnown } from "../observe/inventory/learn-changes.ts";
import { inventorySources, readInventory } from "../observe/inventory/read-inventory.ts";
import { modifiedAtMs } from "../observe/upkeep/told-day.ts";
import type { Host } from "../platform/host.ts";
import { log } from "../platform/log.ts";
import { keepStream, readStreamEpoch, readStreamState } from "./stream-state.ts";
import type { TelemetrySource } from "./telemetry-source.ts";

const minuteMs = 60_000;
/** What was replaced runs until somebody restarts it, which nothing on disk shows. */
export const outdatedAgainMs = 10 * minuteMs;
/** Told again though nothing has changed, so that a control plane that lost it has it again. */
export const tellAgainMs = 7 * 24 * 60 * minuteMs;
/** While packages are worked on, what there is changes from one to the next. */
const quietMs = 20_000;

const stateSchema = z.object({
  told: z.object({ digest: z.string(), epoch: z.string(), at: z.number() }).nullable(),
  known: z.object({
    changes: z.record(
      z.string(),
      z.object({ urgency: z.enum(changeUrgencies).nullable(), cves: z.array(z.string()) }),
    ),
    nextAtUnixMs: z.number(),
    reading: changelogReadingSchema,
  }),
});
type State = z.infer<typeof stateSchema>;

/** A look at the host's software that is under way, and what it came to. */
interface Look {
  readonly stamp: string;
  result: { inventory: Inventory; known: KnownChanges } | null;
  hasFailed: boolean;
}

/**
 * Tells what software the host has, whole, when any of it has changed since it was last told, and once in each epoch. Looks
 * only when the disk shows a change or something is still to be seen, beside the other sources, because apt takes its time.
 */
export function inventorySource({
  host,
  storePath,
  aptPlan,
  serverId,
}: {
  host: Host;
  storePath: string;
  aptPlan: AptPlan;
  /** A host that becomes another server tells that one too. */
  serverId: string;
}): TelemetrySource {
  let look: Look | null = null;
  let seen: { stamp: string; isToBeSeenAgain: boolean; hasFailed: boolean; atUnixMs: number } = {
    stamp: "",
    isToBeSeenAgain: false,
    hasFailed: false,
    atUnixMs: 0,
  };

  function begin(stamp: string, known: KnownChanges): void {
    const begun: Look = { stamp, result: null, hasFailed: false };
    look = begun;
    readInventory({ host, aptPlan, known }).then(
      (result) => {
        begun.result = result;
      },
      (error: Error) => {
        begun.hasFailed = true;
        log("warning", `the software of the host could not be looked at: ${error.message}`);
      },
    );
  }

  async function keep({ inventory, known }: NonNullable<Look["result"]>, state: State, epoch: string) {
    const { at, ...steady } = inventory;
    const digest = createHash("sha256")
      .update(JSON.stringify([serverId, steady]))
      .digest("hex");
    const { told } = state;
    const isTold = told !== null && told.digest === digest && told.epoch === epoch && !isOld(told.at, at);
    const next: State = {
      told: isTold ? told : { digest, epoch, at },
      known: { ...known, changes: { ...known.changes } },
    };
    return await keepStream(storePath, "inventory", {
      state: JSON.stringify(next),
      batches: isTold ? [] : [inventory],
    });
  }

  function isDue(stamp: string, { told, known }: State, epoch: string): boolean {
    const now = host.nowUnixMs();
    if (stamp !== seen.stamp) return true;
    if (seen.isToBeSeenAgain && now - seen.atUnixMs >= outdatedAgainMs) return true;
    if (seen.hasFailed) return false;
    return (
      (known.nextAtUnixMs > 0 && now >= known.nextAtUnixMs) || told?.epoch !== epoch || isOld(told.at, now)
    );
  }

  return {
    stream: "inventory",
    what: "what software the host has",
    everyMs: minuteMs,
    async read() {
      if (look !== null && look.result === null && !look.hasFailed) return { dropped: 0, isBusy: true };
      const state = readState(await readStreamState(storePath, "inventory"));
      const epoch = await readStreamEpoch(storePath, "inventory");
      if (look !== null) {
        const { stamp, result } = look;
        look = null;
        seen = {
          stamp,
          // What failed is tried again in a while, too.
          isToBeSeenAgain:
            result === null || result.inventory.updates === null || result.inventory.outdatedUnits.length > 0,
          hasFailed: result === null,
          atUnixMs: host.nowUnixMs(),
        };
        return { dropped: result === null ? 0 : await keep(result, state, epoch) };
      }
      const stamp = await stampOf(host, inventorySources);
      if (!isDue(stamp, state, epoch)) return { dropped: 0 };
      const quietForMs = host.nowUnixMs() - ((await modifiedAtMs(host.path("/var/lib/dpkg/status"))) ?? 0);
      if (quietForMs < 0 || quietForMs >= quietMs) begin(stamp, state.known);
      return { dropped: 0, isBusy: true };
    },
  };
}

/** Also where a clock was put back. */
function isOld(at: number, now: number): boolean {
  return Math.abs(now - at) >= tellAgainMs;
}

function readState(text: string | null): State {
  const read = stateSchema.safeParse(JSON.parse(text ?? "null"));
  return read.success ? read.data : { told: null, known: { ...noChangesKnown, changes: {} } };
}
