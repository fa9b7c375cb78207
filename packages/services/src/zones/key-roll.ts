import { hasEnded } from "@mailstead/core/jobs";
import { type KeyRoll, type KeyRollStep, keyRollWaits } from "@mailstead/core/zones";
import { jobs, type Transaction } from "@mailstead/db";
import { eq } from "drizzle-orm";
import type { ZoneRow } from "./zone-rows.ts";

// A roll that has ended is looked at for as long as somebody may still ask what happened to the DS record.
const shownAfterMs = 30 * 86_400_000;

/** The roll of a zone's key as its page tells it. */
export interface ShownKeyRoll {
  step: KeyRollStep;
  startedBy: string | null;
  reached: { step: KeyRollStep; at: Date }[];
  /** What it waits for, to stand after "Waits for"; null once it has ended. */
  waits: { what: string; until: Date | null } | null;
  /** One sentence when nothing goes on by itself. */
  alarm: string | null;
}

/** The roll that is under way, or the one that ended lately; null when there is none. */
export async function readKeyRoll(
  tx: Transaction,
  { zone, primary, now }: { zone: ZoneRow; primary: string; now: Date },
): Promise<ShownKeyRoll | null> {
  const roll = zone.keyRoll;
  if (roll === null) return null;
  const reached = roll.reached.map(({ step, at }) => ({ step, at: new Date(at) }));
  const last = reached.at(-1)?.at.getTime() ?? 0;
  if (roll.step === "done" && now.getTime() - last > shownAfterMs) return null;
  const isStuck = roll.step === "making" && !(await isOrderOpen(tx, roll, now));
  return {
    step: roll.step,
    startedBy: roll.startedBy,
    reached,
    waits: keyRollWaits(roll, { primary, signers: zone.signers ?? [] }),
    alarm: isStuck
      ? `${primary} has told of no new key, and the order to make one has ended. Look at the server's last jobs, and roll the key again.`
      : null,
  };
}

// The order ends before the host's next look at itself tells of the key that it made.
const toldWithinMs = 15 * 60_000;

/** Whether the new key of a roll may still come by what was ordered: it has not failed, and is not long overdue. */
export async function isOrderOpen(tx: Transaction, roll: KeyRoll | null, now: Date): Promise<boolean> {
  if (roll === null || roll.step !== "making" || roll.jobId === null) return false;
  const [job] = await tx
    .select({ state: jobs.state, endedAt: jobs.endedAt })
    .from(jobs)
    .where(eq(jobs.id, roll.jobId));
  if (job === undefined) return false;
  if (!hasEnded(job.state)) return true;
  return job.state === "succeeded" && now.getTime() - (job.endedAt ?? now).getTime() < toldWithinMs;
}
