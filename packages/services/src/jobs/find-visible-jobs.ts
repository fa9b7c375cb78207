import { jobs } from "@mailstead/db";
import { inArray } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";

const findVisibleJobsInput = z.object({ jobIds: z.array(z.uuid()) });

/** Those of these jobs that the person may see, asked in one question however many they are. */
export async function findVisibleJobs(
  ctx: ServiceContext,
  input: z.input<typeof findVisibleJobsInput>,
): Promise<ReadonlySet<string>> {
  const { jobIds } = parseInput(findVisibleJobsInput, input);
  if (jobIds.length === 0) return new Set();
  const rows = await withTransaction(ctx, (tx) =>
    tx.select({ id: jobs.id }).from(jobs).where(inArray(jobs.id, jobIds)),
  );
  return new Set(rows.map(({ id }) => id));
}
