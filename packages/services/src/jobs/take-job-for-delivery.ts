import { chooseDeliverableJobs, type Delivery, type SignedJob } from "@mailstead/core/jobs";
import { jobs } from "@mailstead/db";
import { and, eq } from "drizzle-orm";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";
import { lockServer, readOpenJobs } from "./open-job.ts";

export type TakenJob =
  | { kind: "taken"; job: SignedJob }
  /** Another gateway holds the agent, or none does; whoever gets it looks at the rows by itself. */
  | { kind: "elsewhere" }
  /** It has been sent, has ended, or something before it in its lane has not. */
  | { kind: "not-now" };

/**
 * Moves a waiting job to `dispatched` for the gateway that holds its agent, when it is its turn in its lane. Of any
 * number of deliveries of one job, one gets it.
 */
export function takeJobForDelivery(
  ctx: SystemContext,
  { jobId, serverId, gatewayId }: Delivery & { gatewayId: string },
): Promise<TakenJob> {
  return withSystemTransaction(ctx, async (tx): Promise<TakenJob> => {
    const server = await lockServer(tx, serverId);
    if (server?.gatewayId !== gatewayId) return { kind: "elsewhere" };
    const open = await readOpenJobs(tx, [serverId]);
    if (!chooseDeliverableJobs(open).some(({ id }) => id === jobId)) return { kind: "not-now" };
    const [job] = await tx
      .update(jobs)
      .set({ state: "dispatched", dispatchedAt: ctx.now(), gatewayId })
      .where(and(eq(jobs.id, jobId), eq(jobs.state, "queued")))
      .returning({ order: jobs.signedOrder, signature: jobs.signature, fingerprint: jobs.keyFingerprint });
    if (!job?.order || !job.signature || !job.fingerprint) return { kind: "not-now" };
    return {
      kind: "taken",
      job: { order: job.order, signature: job.signature, keyFingerprint: job.fingerprint },
    };
  });
}
