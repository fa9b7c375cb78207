import { jobs } from "@mailstead/db";
import { and, eq, lt } from "drizzle-orm";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";
import { advanceJob } from "./advance-job.ts";

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
      .select()
      .from(jobs)
      .where(and(eq(jobs.state, "dispatched"), lt(jobs.dispatchedAt, sentBefore)))
      .limit(limit)
      .for("update", { skipLocked: true });
    for (const job of unanswered)
      await advanceJob(tx, job, { event: { kind: "delivery-lost" }, gatewayId: null });
    return unanswered.map((job) => job.id);
  });
}
