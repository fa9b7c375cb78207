import { hasEnded } from "@mailstead/core/jobs";
import { jobs, outbox, servers } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { advanceJob } from "./advance-job.ts";

const cancelJobInput = z.object({ jobId: z.uuid() });

/**
 * Takes a job back. One that never left ends at once; of any other the agent is asked, and it may have gone too far
 * to stop. Throws `conflict` when it has ended already.
 */
export function cancelJob(
  ctx: ServiceContext,
  input: z.input<typeof cancelJobInput>,
): Promise<{ hasEnded: boolean }> {
  requireRole(ctx, "technician");
  const { jobId } = parseInput(cancelJobInput, input);
  return withTransaction(ctx, async (tx) => {
    const [job] = await tx.select().from(jobs).where(eq(jobs.id, jobId)).for("update");
    if (job === undefined) throw new ServiceError("not-found", "There is no such job.");
    if (hasEnded(job.state)) throw new ServiceError("conflict", "This job has ended already.");
    const now = ctx.now();
    const neverLeft = job.state === "queued" && job.dispatchedAt === null;
    const { organisationId, tenantId, serverId } = job;
    if (neverLeft)
      await advanceJob(tx, job, {
        event: { kind: "cancelled-by-person" },
        cancelRequestedAt: now,
        endedAt: now,
        outcome: { kind: "cancelled" },
      });
    else {
      const cancelRequestedAt = job.cancelRequestedAt ?? now;
      await tx.update(jobs).set({ cancelRequestedAt }).where(eq(jobs.id, jobId));
      await tx
        .insert(outbox)
        .values({ organisationId, tenantId, kind: "cancel-job", subjectId: jobId, createdAt: now });
    }
    const [server] = await tx.select({ name: servers.name }).from(servers).where(eq(servers.id, serverId));
    await recordAudit(tx, ctx, {
      organisationId,
      tenantId,
      action: "cancel-job",
      subject: { kind: "server", id: serverId, name: server?.name ?? "" },
      after: { jobId, verb: job.verb },
    });
    return { hasEnded: neverLeft };
  });
}
