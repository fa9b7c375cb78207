import { type JobRefusal, jobCatalog } from "@mailstead/core/jobs";
import {
  type Answers,
  type Asked,
  alone,
  type SystemContext,
  withConnections,
  withSystemTransaction,
} from "../context/index.ts";
import {
  advanceJob,
  advanceJobs,
  failedOutcome,
  type JobChange,
  type JobRow,
  lockJob,
  lockJobs,
} from "./advance-job.ts";

export interface Answer {
  readonly jobId: string;
  readonly serverId: string;
  readonly gatewayId: string;
}

// An agent that ran into its own time limit has this long to say so before its journal is asked for.
const reportWithinMs = 60_000;

/** Until when a job must have ended that its agent accepted now, or began now. */
export function runDeadline(job: Pick<JobRow, "verb">, now: Date): Date {
  return new Date(now.getTime() + jobCatalog[job.verb].runWithinMs + reportWithinMs);
}

/** An agent has the order in its journal: from here on only its journal says what becomes of the job. */
export function recordAccepted(ctx: SystemContext, answer: Answer): Promise<{ hasChanged: boolean }> {
  return alone(recordAllAccepted, ctx, answer);
}

/** The same of several agents in one transaction; each job may be among them once. */
export function recordAllAccepted(
  asked: readonly Asked<Answer>[],
): Promise<Answers<{ hasChanged: boolean }>> {
  return withConnections(asked, async (tx, ctx, answers) => {
    const held = await lockJobs(tx, answers);
    const now = ctx.now();
    const changes = answers.flatMap(({ jobId, gatewayId }): JobChange[] => {
      const job = held.get(jobId);
      if (job === undefined) return [];
      const event = { kind: "accepted" } as const;
      return [{ job, change: { event, gatewayId, acceptedAt: now, deadlineAt: runDeadline(job, now) } }];
    });
    const states = await advanceJobs(tx, changes);
    const changed = new Set(changes.flatMap(({ job }, place) => (states[place] === null ? [] : job.id)));
    return answers.map(({ jobId }) => ({ hasChanged: changed.has(jobId) }));
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
