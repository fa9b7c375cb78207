import {
  confidentialVerbs,
  hasEnded,
  type JobOutcome,
  type JobState,
  type JobVerb,
} from "@mailstead/core/jobs";
import { jobs } from "@mailstead/db";
import { and, eq, inArray, lt, sql } from "drizzle-orm";
import {
  type ServiceContext,
  type SystemContext,
  withSystemTransaction,
  withTransaction,
} from "../context/index.ts";

/** How long what names people may lie at the control plane after it was asked for: long enough to read it through. */
export const confidentialKeptForMs = 15 * 60_000;

const isConfidential = inArray(jobs.verb, [...confidentialVerbs]);

/** Arguments and outcome of a job as everybody sees them: of one that names people, that it was and how it ended. */
export const shownArgs = sql<unknown>`case when ${isConfidential} then '{}'::jsonb else ${jobs.args} end`;
export const shownOutcome = sql<JobOutcome | null>`case when ${isConfidential} and ${jobs.outcome} ->> 'kind' = 'succeeded'
  then '{"kind": "succeeded", "result": null}'::jsonb else ${jobs.outcome} end`;

/** How the jobs stand that a person asked for, with what they brought; of nobody else's. */
export interface OwnAnswer {
  readonly jobId: string;
  readonly serverId: string;
  readonly hasEnded: boolean;
  readonly state: JobState;
  readonly outcome: JobOutcome | null;
}

/** Reads the jobs of a verb that this very person asked for; what is forgotten by now or somebody else's is left out. */
export function readOwnAnswers(
  ctx: ServiceContext,
  { verb, jobIds }: { verb: JobVerb; jobIds: readonly string[] },
): Promise<OwnAnswer[]> {
  const { actor } = ctx;
  if (actor.kind !== "user" || jobIds.length === 0) return Promise.resolve([]);
  return withTransaction(ctx, async (tx) => {
    const rows = await tx
      .select({ jobId: jobs.id, serverId: jobs.serverId, state: jobs.state, outcome: jobs.outcome })
      .from(jobs)
      .where(and(inArray(jobs.id, [...jobIds]), eq(jobs.verb, verb), eq(jobs.requestedById, actor.userId)));
    return rows.map((row) => ({ ...row, hasEnded: hasEnded(row.state) }));
  });
}

/**
 * Forgets jobs that name people once their time is over, however they stand: what comes of one that is still under way
 * is confirmed to its agent and kept nowhere. Returns how many.
 */
export function forgetConfidentialJobs(ctx: SystemContext): Promise<number> {
  const askedBefore = new Date(ctx.now().getTime() - confidentialKeptForMs);
  return withSystemTransaction(ctx, async (tx) => {
    const forgotten = await tx
      .delete(jobs)
      .where(and(isConfidential, lt(jobs.createdAt, askedBefore)))
      .returning({ id: jobs.id });
    return forgotten.length;
  });
}
