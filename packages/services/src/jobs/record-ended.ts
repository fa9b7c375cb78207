import { type JobOutcome, jobCatalog } from "@mailstead/core/jobs";
import { type Answers, type Asked, alone, type SystemContext, withConnections } from "../context/index.ts";
import { advanceJobs, type JobChange, type JobRow, lockJobs } from "./advance-job.ts";
import { endInstall } from "./install.ts";

export interface RecordedEnd {
  readonly hasChanged: boolean;
  /** Number of the last progress event that is stored; null when there is no such job. */
  readonly storedNumber: number | null;
}

export interface ToldEnd {
  readonly jobId: string;
  readonly serverId: string;
  readonly outcome: JobOutcome;
}

/** Stores how a job ended on its host. A result that came before changes nothing, so repeating it is harmless. */
export function recordEnded(ctx: SystemContext, told: ToldEnd): Promise<RecordedEnd> {
  return alone(recordAllEnded, ctx, told);
}

/** The same of several hosts in one transaction; each job may be among them once. */
export function recordAllEnded(asked: readonly Asked<ToldEnd>[]): Promise<Answers<RecordedEnd>> {
  return withConnections(asked, async (tx, ctx, ends) => {
    const held = await lockJobs(tx, ends);
    const now = ctx.now();
    const changes = ends.flatMap(({ jobId, outcome }): JobChange[] => {
      const job = held.get(jobId);
      if (job === undefined) return [];
      const event = { kind: "ended", outcome: outcome.kind } as const;
      return [{ job, change: { event, endedAt: now, outcome: parseOutcome(job, outcome) } }];
    });
    const states = await advanceJobs(tx, changes);
    const stateOf = new Map(changes.map(({ job }, place) => [job.id, states[place] ?? null]));
    for (const { jobId, serverId } of ends)
      if (stateOf.get(jobId) === "succeeded" && held.get(jobId)?.verb === "converge")
        await endInstall(tx, { serverId });
    return ends.map(({ jobId }) => ({
      hasChanged: (stateOf.get(jobId) ?? null) !== null,
      storedNumber: held.get(jobId)?.progressNumber ?? null,
    }));
  });
}

/** The catalogue says what a result holds; of a result in another form only the success is believed. */
export function parseOutcome({ verb }: Pick<JobRow, "verb">, outcome: JobOutcome): JobOutcome {
  if (outcome.kind !== "succeeded") return outcome;
  const parsed = jobCatalog[verb].result.safeParse(outcome.result);
  return { kind: "succeeded", result: parsed.success ? parsed.data : null };
}
