import type { ControlPlane } from "../control-plane/start.ts";
import { waitFor } from "../lab/wait-for.ts";
import { query } from "../scene/database.ts";

/** A job without steps of its own may end without having told of its start; its end is then the later bound. */
export interface EndedJob {
  readonly state: string;
  readonly outcome: { result?: { tookMs?: number; changedPaths?: readonly string[] } } | null;
  readonly startedAt: Date;
}

/** Waits until a job has succeeded. Throws when it ended otherwise. */
export async function untilEnded(controlPlane: ControlPlane, jobId: string): Promise<EndedJob> {
  const job = await waitFor(
    `job ${jobId} to end`,
    async () => {
      const [row] = await query<EndedJob>(
        controlPlane,
        `select state, outcome, coalesce(started_at, ended_at) as "startedAt" from jobs where id = $1 and ended_at is not null`,
        [jobId],
      );
      return row;
    },
    { timeoutMs: 300_000, intervalMs: 20 },
  );
  if (job.state !== "succeeded")
    throw new Error(`Job ${jobId} is ${job.state}: ${JSON.stringify(job.outcome)}`);
  return job;
}

/** Waits until no job of a server is open. */
export async function untilQuiet(controlPlane: ControlPlane, serverId: string): Promise<void> {
  await waitFor(
    "the last job to end",
    async () => {
      const rows = await query(controlPlane, "select 1 from jobs where server_id = $1 and ended_at is null", [
        serverId,
      ]);
      return rows.length === 0;
    },
    { timeoutMs: 120_000 },
  );
}
