import { type JobOutcome, jobCatalog } from "@mailstead/core/jobs";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";
import { advanceJob, type JobRow, lockJob } from "./advance-job.ts";
import { endInstall } from "./install.ts";

export interface RecordedEnd {
  readonly hasChanged: boolean;
  /** Number of the last progress event that is stored; null when there is no such job. */
  readonly storedNumber: number | null;
}

/** Stores how a job ended on its host. A result that came before changes nothing, so repeating it is harmless. */
export function recordEnded(
  ctx: SystemContext,
  { outcome, ...wanted }: { jobId: string; serverId: string; outcome: JobOutcome },
): Promise<RecordedEnd> {
  return withSystemTransaction(ctx, async (tx) => {
    const job = await lockJob(tx, wanted);
    if (!job) return { hasChanged: false, storedNumber: null };
    const state = await advanceJob(tx, job, {
      event: { kind: "ended", outcome: outcome.kind },
      endedAt: ctx.now(),
      outcome: parseOutcome(job, outcome),
    });
    if (state === "succeeded" && job.verb === "converge") await endInstall(tx, wanted);
    return { hasChanged: state !== null, storedNumber: job.progressNumber };
  });
}

/** The catalogue says what a result holds; of a result in another form only the success is believed. */
export function parseOutcome({ verb }: Pick<JobRow, "verb">, outcome: JobOutcome): JobOutcome {
  if (outcome.kind !== "succeeded") return outcome;
  const parsed = jobCatalog[verb].result.safeParse(outcome.result);
  return { kind: "succeeded", result: parsed.success ? parsed.data : null };
}
