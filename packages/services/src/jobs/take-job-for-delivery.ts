import { chooseDeliverableJobs, type Delivery, type SignedJob } from "@mailstead/core/jobs";
import { jobs } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";
import { advanceJob } from "./advance-job.ts";
import { lockServer, readOpenJobs } from "./open-job.ts";

export type TakenJob =
  | { kind: "taken"; job: SignedJob }
  /** Another gateway holds the agent, or none does; whoever gets it looks at the rows by itself. */
  | { kind: "elsewhere" }
  /** It has been sent, has ended, or something before it in its lane has not. */
  | { kind: "not-now" };

const signedJobColumns = {
  id: jobs.id,
  state: jobs.state,
  order: jobs.signedOrder,
  signature: jobs.signature,
  keyFingerprint: jobs.keyFingerprint,
};

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
    const now = ctx.now();
    const open = await readOpenJobs(tx, { serverIds: [serverId], now });
    if (!chooseDeliverableJobs(open).some(({ id }) => id === jobId)) return { kind: "not-now" };
    const [job] = await tx.select(signedJobColumns).from(jobs).where(eq(jobs.id, jobId)).for("update");
    if (!job?.order || !job.signature || !job.keyFingerprint) return { kind: "not-now" };
    const sent = { event: { kind: "sent" }, dispatchedAt: now, gatewayId } as const;
    if ((await advanceJob(tx, job, sent)) === null) return { kind: "not-now" };
    const { order, signature, keyFingerprint } = job;
    return { kind: "taken", job: { order, signature, keyFingerprint } };
  });
}
