import { jobs, outbox, type Transaction } from "@mailstead/db";
import { and, inArray, lt } from "drizzle-orm";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";
import { advanceJob, failedOutcome, type JobRow } from "./advance-job.ts";

/**
 * Ends or doubts the jobs whose deadline has passed: one that never left has timed out; one that an agent may hold is
 * unknown, and the agent is asked to cancel it. Returns the jobs that changed.
 */
export function expireJobs(ctx: SystemContext, { limit }: { limit: number }): Promise<JobRow[]> {
  return withSystemTransaction(ctx, async (tx) => {
    const late = await tx
      .select()
      .from(jobs)
      .where(
        and(
          lt(jobs.deadlineAt, ctx.now()),
          inArray(jobs.state, ["queued", "dispatched", "accepted", "running"]),
        ),
      )
      .orderBy(jobs.deadlineAt)
      .limit(limit)
      .for("update", { skipLocked: true });
    for (const job of late) await expire(tx, { ctx, job });
    return late;
  });
}

async function expire(tx: Transaction, { ctx, job }: { ctx: SystemContext; job: JobRow }): Promise<void> {
  const now = ctx.now();
  if (job.state === "queued" && job.dispatchedAt === null) {
    const problem = "The server did not connect before the job's time was up, so nothing was done.";
    await advanceJob(tx, job, {
      event: { kind: "deadline-passed" },
      endedAt: now,
      outcome: failedOutcome(problem, "temporary"),
    });
    return;
  }
  const event = job.state === "queued" ? "contact-lost" : "deadline-passed";
  await advanceJob(tx, job, { event: { kind: event } });
  const { organisationId, tenantId, id } = job;
  await tx
    .insert(outbox)
    .values({ organisationId, tenantId, kind: "cancel-job", subjectId: id, createdAt: now });
}
