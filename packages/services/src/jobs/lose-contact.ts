import { jobs, type Transaction } from "@mailstead/db";
import { and, eq, inArray } from "drizzle-orm";
import { advanceJob } from "./advance-job.ts";

/**
 * An agent cannot be reached any more: what it had not accepted waits again, what it had accepted is unknown until
 * its journal tells. Runs in the transaction that takes the server off its gateway. Returns the jobs that changed.
 */
export async function loseContact(tx: Transaction, { serverId }: { serverId: string }): Promise<string[]> {
  const held = await tx
    .select({ id: jobs.id, state: jobs.state })
    .from(jobs)
    .where(and(eq(jobs.serverId, serverId), inArray(jobs.state, ["dispatched", "accepted", "running"])))
    .orderBy(jobs.sequence)
    .for("update");
  for (const job of held) await advanceJob(tx, job, { event: { kind: "contact-lost" }, gatewayId: null });
  return held.map((job) => job.id);
}
