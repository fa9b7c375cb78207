import { jobs, servers } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, ServiceError, withTransaction } from "../context/index.ts";
import { jobColumns } from "./job-view.ts";

const getJobInput = z.object({ jobId: z.uuid() });

export type JobDetail = Awaited<ReturnType<typeof getJob>>;

/** One job as it stands; its story is read apart. Throws `not-found`. */
export function getJob(ctx: ServiceContext, input: z.input<typeof getJobInput>) {
  const { jobId } = parseInput(getJobInput, input);
  return withTransaction(ctx, async (tx) => {
    const [job] = await tx
      .select(jobColumns)
      .from(jobs)
      .innerJoin(servers, eq(servers.id, jobs.serverId))
      .where(eq(jobs.id, jobId));
    if (job === undefined) throw new ServiceError("not-found", "There is no such job.");
    return job;
  });
}
