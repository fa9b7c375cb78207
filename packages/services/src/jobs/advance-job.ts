import { type JobEvent, type JobOutcome, type JobState, nextJobState } from "@mailstead/core/jobs";
import { jobs, type Transaction } from "@mailstead/db";
import { and, eq } from "drizzle-orm";

export type JobRow = typeof jobs.$inferSelect;

/** What whoever records the fate of a job reads of it: the gateway's role may see no more of a row. */
export const heldJobColumns = {
  id: jobs.id,
  organisationId: jobs.organisationId,
  tenantId: jobs.tenantId,
  verb: jobs.verb,
  state: jobs.state,
  progressNumber: jobs.progressNumber,
  acceptedAt: jobs.acceptedAt,
  startedAt: jobs.startedAt,
  deadlineAt: jobs.deadlineAt,
  cancelRequestedAt: jobs.cancelRequestedAt,
};
export type HeldJob = Pick<JobRow, keyof typeof heldJobColumns>;

/** Reads and locks a job, when it is one of this server: an agent speaks for its own jobs only. */
export async function lockJob(
  tx: Transaction,
  { jobId, serverId }: { jobId: string; serverId: string },
): Promise<HeldJob | undefined> {
  const [job] = await tx
    .select(heldJobColumns)
    .from(jobs)
    .where(and(eq(jobs.id, jobId), eq(jobs.serverId, serverId)))
    .for("update");
  return job;
}

type Change = Partial<
  Pick<
    JobRow,
    | "gatewayId"
    | "dispatchedAt"
    | "acceptedAt"
    | "startedAt"
    | "endedAt"
    | "deadlineAt"
    | "cancelRequestedAt"
    | "outcome"
  >
>;

/** Moves a locked job on by core's table; null when the event does not belong to its state and changes nothing. */
export async function advanceJob(
  tx: Transaction,
  job: Pick<JobRow, "id" | "state">,
  { event, ...change }: Change & { event: JobEvent },
): Promise<JobState | null> {
  const state = nextJobState(job.state, event);
  if (state === null) return null;
  await tx
    .update(jobs)
    .set({ ...change, state })
    .where(eq(jobs.id, job.id));
  return state;
}

/** An end that the control plane itself found, in the words an agent would use. */
export function failedOutcome(problem: string, retry: "temporary" | "permanent"): JobOutcome {
  return { kind: "failed", problem, retry };
}
