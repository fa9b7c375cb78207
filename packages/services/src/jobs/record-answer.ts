import { type JobRefusal, jobCatalog } from "@mailstead/core/jobs";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";
import { advanceJob, failedOutcome, type JobRow, lockJob } from "./advance-job.ts";

interface Answer {
  jobId: string;
  serverId: string;
  gatewayId: string;
}

// An agent that ran into its own time limit has this long to say so before its journal is asked for.
const reportWithinMs = 60_000;

/** Until when a job must have ended that its agent accepted now, or began now. */
export function runDeadline(job: Pick<JobRow, "verb">, now: Date): Date {
  return new Date(now.getTime() + jobCatalog[job.verb].runWithinMs + reportWithinMs);
}

/** An agent has the order in its journal: from here on only its journal says what becomes of the job. */
export function recordAccepted(ctx: SystemContext, answer: Answer): Promise<{ hasChanged: boolean }> {
  return withSystemTransaction(ctx, async (tx) => {
    const job = await lockJob(tx, answer);
    if (!job) return { hasChanged: false };
    const now = ctx.now();
    const state = await advanceJob(tx, job, {
      event: { kind: "accepted" },
      gatewayId: answer.gatewayId,
      acceptedAt: now,
      deadlineAt: runDeadline(job, now),
    });
    return { hasChanged: state !== null };
  });
}

/** An agent will not run the order; its sentence becomes the outcome. */
export function recordRefused(
  ctx: SystemContext,
  { reason, sentence, ...answer }: Answer & { reason: JobRefusal; sentence: string },
): Promise<{ hasChanged: boolean }> {
  return withSystemTransaction(ctx, async (tx) => {
    const job = await lockJob(tx, answer);
    if (!job) return { hasChanged: false };
    const state = await advanceJob(tx, job, {
      event: { kind: "refused" },
      endedAt: ctx.now(),
      outcome: failedOutcome(sentence, reason === "journal-full" ? "temporary" : "permanent"),
    });
    return { hasChanged: state !== null };
  });
}
