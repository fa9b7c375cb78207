import { type JobEvent, type JobOutcome, type JobState, nextJobState } from "@mailstead/core/jobs";
import { jobs, type Transaction } from "@mailstead/db";
import { eq, getTableColumns, inArray, sql } from "drizzle-orm";

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
export async function lockJob(tx: Transaction, wanted: WantedHeldJob): Promise<HeldJob | undefined> {
  return (await lockJobs(tx, [wanted])).get(wanted.jobId);
}

export interface WantedHeldJob {
  readonly jobId: string;
  readonly serverId: string;
}

/** The same of several, in one order, so that two that lock the same do not wait for each other. */
export async function lockJobs(
  tx: Transaction,
  wanted: readonly WantedHeldJob[],
): Promise<ReadonlyMap<string, HeldJob>> {
  if (wanted.length === 0) return new Map();
  const rows = await tx
    .select({ ...heldJobColumns, serverId: jobs.serverId })
    .from(jobs)
    .where(
      inArray(
        jobs.id,
        wanted.map(({ jobId }) => jobId),
      ),
    )
    .orderBy(jobs.id)
    .for("update");
  const serverOf = new Map(wanted.map(({ jobId, serverId }) => [jobId, serverId]));
  return new Map(
    rows.flatMap(({ serverId, ...job }) =>
      serverOf.get(job.id) === serverId ? [[job.id, job] as const] : [],
    ),
  );
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

export interface JobChange {
  readonly job: Pick<JobRow, "id" | "state">;
  readonly change: Change & { readonly event: JobEvent };
}

/** The same of several locked jobs, to all of which the same columns happen, in one statement. */
export async function advanceJobs(
  tx: Transaction,
  changes: readonly JobChange[],
): Promise<readonly (JobState | null)[]> {
  const moved = changes.map(({ job, change: { event, ...change } }) => ({
    ...change,
    id: job.id,
    state: nextJobState(job.state, event),
  }));
  const rows = moved.filter(({ state }) => state !== null);
  const [first] = rows;
  if (first === undefined) return moved.map(() => null);
  const changing = Object.entries(getTableColumns(jobs)).filter(([key]) => key in first && key !== "id");
  const records = rows.map((row) =>
    Object.fromEntries(
      [["id", jobs.id] as const, ...changing].map(([key, column]) => [
        column.name,
        row[key as keyof typeof row],
      ]),
    ),
  );
  const names = changing.map(([, column]) => sql.identifier(column.name));
  const typed = changing.map(
    ([, column]) => sql`${sql.identifier(column.name)} ${sql.raw(column.getSQLType())}`,
  );
  await tx.execute(sql`update ${jobs} as job set ${sql.join(
    names.map((name) => sql`${name} = told.${name}`),
    sql`, `,
  )} from jsonb_to_recordset(${JSON.stringify(records)}::jsonb) as told (id uuid, ${sql.join(typed, sql`, `)})
    where job.id = told.id`);
  return moved.map(({ state }) => state);
}

/** An end that the control plane itself found, in the words an agent would use. */
export function failedOutcome(problem: string, retry: "temporary" | "permanent"): JobOutcome {
  return { kind: "failed", problem, retry };
}
