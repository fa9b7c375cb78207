import { jobs } from "@mailstead/db";
import { and, eq, exists, gt, inArray, lt, ne, not, or } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";
import { isOpen } from "./open-job.ts";

/**
 * Removes jobs that ended before `endedBefore` with their stories, the oldest first and at most `limit`. Of each server
 * the last converge that succeeded stays: it tells how its host came to be as it is. Returns how many; fewer than asked
 * for means that none are left. What was done stays in the audit.
 */
export function forgetOldJobs(
  ctx: SystemContext,
  { endedBefore, limit }: { endedBefore: Date; limit: number },
): Promise<number> {
  return withSystemTransaction(ctx, async (tx) => {
    const later = alias(jobs, "later");
    const hasLater = exists(
      tx
        .select({ id: later.id })
        .from(later)
        .where(
          and(
            eq(later.serverId, jobs.serverId),
            gt(later.sequence, jobs.sequence),
            eq(later.verb, "converge"),
            eq(later.state, "succeeded"),
          ),
        ),
    );
    const isForgettable = or(ne(jobs.verb, "converge"), ne(jobs.state, "succeeded"), hasLater);
    const old = tx
      .select({ id: jobs.id })
      .from(jobs)
      .where(and(lt(jobs.endedAt, endedBefore), not(isOpen), isForgettable))
      .orderBy(jobs.endedAt)
      .limit(limit)
      .for("update", { skipLocked: true });
    const forgotten = await tx.delete(jobs).where(inArray(jobs.id, old)).returning({ id: jobs.id });
    return forgotten.length;
  });
}
