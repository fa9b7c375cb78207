import { jobEvents, jobs } from "@mailstead/db";
import { and, asc, eq, gt } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, ServiceError, withTransaction } from "../context/index.ts";

const readJobEventsInput = z.object({
  jobId: z.uuid(),
  afterNumber: z.int().nonnegative().default(0),
  limit: z.int().min(1).max(1000).default(500),
});

export type JobEventPage = Awaited<ReturnType<typeof readJobEvents>>;

/**
 * The story of a job after the event that the reader has last, numbered from 1 without gaps: asking again after the
 * last number at hand misses nothing and repeats nothing. Throws `not-found`.
 */
export function readJobEvents(ctx: ServiceContext, input: z.input<typeof readJobEventsInput>) {
  const { jobId, afterNumber, limit } = parseInput(readJobEventsInput, input);
  return withTransaction(ctx, async (tx) => {
    const [job] = await tx.select({ state: jobs.state }).from(jobs).where(eq(jobs.id, jobId));
    if (job === undefined) throw new ServiceError("not-found", "There is no such job.");
    const rows = await tx
      .select({ number: jobEvents.number, at: jobEvents.at, body: jobEvents.body })
      .from(jobEvents)
      .where(and(eq(jobEvents.jobId, jobId), gt(jobEvents.number, afterNumber)))
      .orderBy(asc(jobEvents.number))
      .limit(limit + 1);
    return { events: rows.slice(0, limit), hasMore: rows.length > limit };
  });
}
