import { jobs, outbox } from "@mailstead/db";
import { and, eq, isNull, lt, notExists } from "drizzle-orm";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";

/** Finds waiting jobs that nobody has signed and no outbox row names, and writes the row again. Returns how many. */
export function repairOutbox(
  ctx: SystemContext,
  { waitingSince, limit }: { waitingSince: Date; limit: number },
): Promise<number> {
  return withSystemTransaction(ctx, async (tx) => {
    const named = tx.select({ id: outbox.id }).from(outbox).where(eq(outbox.subjectId, jobs.id));
    const forgotten = await tx
      .select({ id: jobs.id, organisationId: jobs.organisationId, tenantId: jobs.tenantId })
      .from(jobs)
      .where(
        and(
          eq(jobs.state, "queued"),
          isNull(jobs.signedOrder),
          lt(jobs.createdAt, waitingSince),
          notExists(named),
        ),
      )
      .limit(limit);
    if (forgotten.length > 0)
      await tx.insert(outbox).values(
        forgotten.map(({ id, ...owner }) => ({
          ...owner,
          kind: "job",
          subjectId: id,
          createdAt: ctx.now(),
        })),
      );
    return forgotten.length;
  });
}
