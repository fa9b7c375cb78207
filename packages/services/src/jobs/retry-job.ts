import { confidentialVerbs, hasEnded, type JobArgs, type JobVerb } from "@mailstead/core/jobs";
import { jobs, servers, type Transaction, targetStates } from "@mailstead/db";
import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { enqueueJob } from "./enqueue-job.ts";

const retryJobInput = z.object({ jobId: z.uuid() });

/**
 * Asks for the same again, with what is wanted of the server now. Throws `conflict` while the job goes on, because
 * then it would run twice.
 */
export function retryJob(
  ctx: ServiceContext,
  input: z.input<typeof retryJobInput>,
): Promise<{ jobId: string }> {
  requireRole(ctx, "technician");
  const { jobId } = parseInput(retryJobInput, input);
  return withTransaction(ctx, async (tx) => {
    const [job] = await tx.select().from(jobs).where(eq(jobs.id, jobId));
    if (job === undefined) throw new ServiceError("not-found", "There is no such job.");
    if (!hasEnded(job.state))
      throw new ServiceError("conflict", "This job has not ended yet, so it cannot be run again.");
    const { organisationId, tenantId, serverId, verb } = job;
    if (confidentialVerbs.includes(verb))
      throw new ServiceError(
        "precondition-failed",
        "What names people is asked for anew where it was asked for, and not run again from here.",
      );
    const [server] = await tx.select().from(servers).where(eq(servers.id, serverId));
    if (server === undefined) throw new ServiceError("not-found", "There is no such server.");
    const args = await freshArgs(tx, server, { verb, args: job.args });
    const retried = await enqueueJob(tx, ctx, { serverId, verb, args });
    await recordAudit(tx, ctx, {
      organisationId,
      tenantId,
      action: "retry-job",
      subject: { kind: "server", id: serverId, name: server.name },
      after: { verb, retriedJobId: jobId, jobId: retried.jobId },
    });
    return retried;
  });
}

/** What a job was about may have moved on; going back to an older target state or directory is never what is meant. */
async function freshArgs(
  tx: Transaction,
  server: typeof servers.$inferSelect,
  { verb, args }: { verb: JobVerb; args: unknown },
): Promise<JobArgs<JobVerb>> {
  if (verb === "sync-directory")
    return {
      epoch: server.directoryEpoch,
      revision: server.directoryRevision,
      chain: server.directoryChain,
    };
  if (verb !== "converge" && verb !== "apply-configuration" && verb !== "preview")
    return args as JobArgs<JobVerb>;
  const [target] = await tx
    .select({ digest: targetStates.digest })
    .from(targetStates)
    .where(and(eq(targetStates.serverId, server.id), eq(targetStates.revision, server.targetRevision)));
  if (target === undefined)
    throw new ServiceError("precondition-failed", `${server.name} has no target state to go to.`);
  return {
    ...(args as JobArgs<"converge">),
    targetRevision: server.targetRevision,
    targetDigest: target.digest,
  };
}
