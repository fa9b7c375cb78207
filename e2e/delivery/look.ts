import type { JobOutcome, JobState } from "@mailstead/core/jobs";
import { expect, vi } from "vitest";
import type { Plant } from "./plant.ts";

export interface SeenJob {
  readonly state: JobState;
  readonly outcome: JobOutcome | null;
  /** The texts of its log lines, and the numbers of its events, in order. */
  readonly story: readonly string[];
  readonly numbers: readonly number[];
  readonly gatewayId: string | null;
  readonly isSigned: boolean;
}

/** What Postgres says of a job, past all use cases. */
export async function readJob({ database }: Plant, jobId: string): Promise<SeenJob> {
  const { rows } = await database.admin.pool.query<SeenJob>(
    `select state, outcome, gateway_id as "gatewayId", signed_order is not null as "isSigned",
       coalesce((select json_agg(body->>'text' order by number) from job_events e where e.job_id = j.id), '[]') as story,
       coalesce((select json_agg(number order by number) from job_events e where e.job_id = j.id), '[]') as numbers
     from jobs j where id = $1`,
    [jobId],
  );
  if (!rows[0]) throw new Error(`There is no job ${jobId}.`);
  return rows[0];
}

// Longer than any sweep, so that a test fails because something was lost and not because it was slow.
const settledWithinMs = 45_000;

/** Waits until a job is in one of these states. */
export async function untilJob(
  plant: Plant,
  jobId: string,
  ...states: readonly JobState[]
): Promise<SeenJob> {
  return vi.waitFor(
    async () => {
      const job = await readJob(plant, jobId);
      expect(states).toContain(job.state);
      return job;
    },
    { timeout: settledWithinMs, interval: 50 },
  );
}
