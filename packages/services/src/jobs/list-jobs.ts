import { endedJobStates, type JobState } from "@mailstead/core/jobs";
import { jobs, servers } from "@mailstead/db";
import { and, count, desc, eq, inArray, lt, notInArray, sql } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import { jobColumns } from "./job-view.ts";

const listJobsInput = z.object({
  serverId: z.uuid().optional(),
  tenantId: z.uuid().optional(),
  filter: z.enum(["active", "failed"]).optional(),
  /** Id of the last job of the page before. */
  cursor: z.uuid().optional(),
  limit: z.int().min(1).max(200).default(50),
});

export type JobPage = Awaited<ReturnType<typeof listJobs>>;

const failedStates: JobState[] = ["failed", "timed-out", "unknown"];

/** Jobs, newest first; within a tenant only its own. `total` counts all pages, `nextCursor` is null on the last page. */
export function listJobs(ctx: ServiceContext, input: z.input<typeof listJobsInput> = {}) {
  const { serverId, tenantId, filter, cursor, limit } = parseInput(listJobsInput, input);
  return withTransaction(ctx, async (tx) => {
    const matches = and(
      sql`true`,
      serverId === undefined ? undefined : eq(jobs.serverId, serverId),
      tenantId === undefined ? undefined : eq(jobs.tenantId, tenantId),
      filter === "active" ? notInArray(jobs.state, [...endedJobStates]) : undefined,
      filter === "failed" ? inArray(jobs.state, failedStates) : undefined,
    );
    const [total] = await tx.select({ count: count() }).from(jobs).where(matches);
    const rows = await tx
      .select(jobColumns)
      .from(jobs)
      .innerJoin(servers, eq(servers.id, jobs.serverId))
      // Ids carry their time, so the id alone is the position.
      .where(and(matches, cursor === undefined ? undefined : lt(jobs.id, cursor)))
      .orderBy(desc(jobs.id))
      .limit(limit + 1);
    const page = rows.slice(0, limit);
    return {
      jobs: page,
      total: total?.count ?? 0,
      nextCursor: rows.length > limit ? (page.at(-1)?.id ?? null) : null,
    };
  });
}
