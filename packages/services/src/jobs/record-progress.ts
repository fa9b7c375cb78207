import type { ProgressEvent } from "@mailstead/core/jobs";
import { jobEvents, jobs } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";
import { advanceJob, lockJob } from "./advance-job.ts";
import { runDeadline } from "./record-answer.ts";

export interface StoredProgress {
  /** Number of the last event that is stored together with all before it; null when there is no such job. */
  readonly storedNumber: number | null;
  readonly hasChanged: boolean;
  /** True when these were the first events, which is how a start is heard of. */
  readonly hasStarted: boolean;
}

/**
 * Stores what follows the events that are stored already, and nothing after a gap: the answer tells the agent where
 * to go on. Events that come twice are stored once.
 */
export function recordProgress(
  ctx: SystemContext,
  { events, ...wanted }: { jobId: string; serverId: string; events: readonly ProgressEvent[] },
): Promise<StoredProgress> {
  return withSystemTransaction(ctx, async (tx) => {
    const job = await lockJob(tx, wanted);
    if (!job) return { storedNumber: null, hasChanged: false, hasStarted: false };
    const fresh = takeContiguous(events, job.progressNumber);
    const last = fresh.at(-1);
    if (last === undefined) return { storedNumber: job.progressNumber, hasChanged: false, hasStarted: false };
    await tx.insert(jobEvents).values(
      fresh.map((event) => ({
        jobId: job.id,
        number: event.number,
        organisationId: job.organisationId,
        tenantId: job.tenantId,
        at: new Date(event.atUnixMs),
        body: event.body,
      })),
    );
    await tx.update(jobs).set({ progressNumber: last.number }).where(eq(jobs.id, job.id));
    const now = ctx.now();
    const started = await advanceJob(tx, job, {
      event: { kind: "started" },
      startedAt: job.startedAt ?? now,
      deadlineAt: runDeadline(job, now),
    });
    return { storedNumber: last.number, hasChanged: true, hasStarted: started !== null };
  });
}

function takeContiguous(events: readonly ProgressEvent[], after: number): ProgressEvent[] {
  const fresh: ProgressEvent[] = [];
  for (const event of events.toSorted((a, b) => a.number - b.number))
    if (event.number === after + fresh.length + 1) fresh.push(event);
  return fresh;
}
