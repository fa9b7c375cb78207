import { jobs } from "@mailstead/db";
import { and, eq, lt } from "drizzle-orm";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";
import { advanceJobs } from "./advance-job.ts";

/**
 * Puts back what was sent before `sentBefore` and never answered. Sending it again is safe: an agent that has it
 * already answers for it by its id. Returns the ids of the jobs that wait again.
 */
export function returnLostDeliveries(
  ctx: SystemContext,
  { sentBefore, limit }: { sentBefore: Date; limit: number },
): Promise<string[]> {
  return withSystemTransaction(ctx, async (tx) => {
    const unanswered = await tx
      .select({ id: jobs.id, state: jobs.state })
      .from(jobs)
      .where(and(eq(jobs.state, "dispatched"), lt(jobs.dispatchedAt, sentBefore)))
      .limit(limit)
      .for("update", { skipLocked: true });
    await advanceJobs(
      tx,
      unanswered.map((job) => ({ job, change: { event: { kind: "delivery-lost" }, gatewayId: null } })),
    );
    return unanswered.map((job) => job.id);
  });
}
