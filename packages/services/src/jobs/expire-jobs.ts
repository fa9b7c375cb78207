import { jobs, servers, type Transaction } from "@mailstead/db";
import { and, eq, inArray, isNull, lt, or } from "drizzle-orm";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";
import { advanceJob, failedOutcome } from "./advance-job.ts";

export interface ExpiredJob {
  readonly id: string;
  readonly serverId: string;
}

/**
 * Ends the jobs that never left before their deadline, and doubts those that run past it on a server that nobody is
 * connected to. What has left and may be on its host is settled by the agent's journal alone, whatever the time.
 * Returns the jobs that changed.
 */
export function expireJobs(ctx: SystemContext, { limit }: { limit: number }): Promise<ExpiredJob[]> {
  return withSystemTransaction(ctx, async (tx) => {
    const late = await tx
      .select({ id: jobs.id, serverId: jobs.serverId, state: jobs.state })
      .from(jobs)
      .innerJoin(servers, eq(servers.id, jobs.serverId))
      .where(
        and(
          lt(jobs.deadlineAt, ctx.now()),
          or(
            and(eq(jobs.state, "queued"), isNull(jobs.dispatchedAt)),
            and(inArray(jobs.state, ["accepted", "running"]), isNull(servers.gatewayId)),
          ),
        ),
      )
      .orderBy(jobs.deadlineAt)
      .limit(limit)
      .for("update", { of: jobs, skipLocked: true });
    for (const job of late)
      if (job.state === "queued") await timeOut(tx, { ctx, job });
      else await advanceJob(tx, job, { event: { kind: "contact-lost" }, gatewayId: null });
    return late;
  });
}

function timeOut(
  tx: Transaction,
  { ctx, job }: { ctx: SystemContext; job: Parameters<typeof advanceJob>[1] },
): ReturnType<typeof advanceJob> {
  const problem = "The server did not connect before the job's time was up, so nothing was done.";
  return advanceJob(tx, job, {
    event: { kind: "deadline-passed" },
    endedAt: ctx.now(),
    outcome: failedOutcome(problem, "temporary"),
  });
}
