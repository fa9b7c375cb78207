import { jobs } from "@mailstead/db";
import { and, inArray, lt, not } from "drizzle-orm";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";
import { isOpen } from "./open-job.ts";

/**
 * Removes jobs that ended before `endedBefore` with their stories, the oldest first and at most `limit`. Returns how
 * many; fewer than asked for means that none are left. What was done stays in the audit.
 */
export function forgetOldJobs(
  ctx: SystemContext,
  { endedBefore, limit }: { endedBefore: Date; limit: number },
): Promise<number> {
  return withSystemTransaction(ctx, async (tx) => {
    const old = tx
      .select({ id: jobs.id })
      .from(jobs)
      .where(and(lt(jobs.endedAt, endedBefore), not(isOpen)))
      .orderBy(jobs.endedAt)
      .limit(limit)
      .for("update", { skipLocked: true });
    const forgotten = await tx.delete(jobs).where(inArray(jobs.id, old)).returning({ id: jobs.id });
    return forgotten.length;
  });
}
