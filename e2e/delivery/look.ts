import type { JobOutcome, JobState } from "@mailstead/core/jobs";
import type { Plant } from "./plant.ts";

export interface SeenJob {
  readonly state: JobState;
  readonly outcome: JobOutcome | null;
  readonly progressNumber: number;
  /** The texts of its log lines, in order. */
  readonly story: readonly string[];
  readonly numbers: readonly number[];
  readonly gatewayId: string | null;
  readonly isSigned: boolean;
}

/** What Postgres says of a job, past all use cases. */
export async function readJob({ database }: Plant, jobId: string): Promise<SeenJob> {
  const { rows } = await database.admin.pool.query<SeenJob>(
    `select state, outcome, progress_number as "progressNumber", gateway_id as "gatewayId",
       signed_order is not null as "isSigned",
       coalesce((select json_agg(body->>'text' order by number) from job_events e where e.job_id = j.id), '[]') as story,
       coalesce((select json_agg(number order by number) from job_events e where e.job_id = j.id), '[]') as numbers
     from jobs j where id = $1`,
    [jobId],
  );
  if (!rows[0]) throw new Error(`There is no job ${jobId}.`);
  return rows[0];
}
