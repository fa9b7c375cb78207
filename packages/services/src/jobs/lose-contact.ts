import { jobs, type Transaction } from "@mailstead/db";
import { and, inArray } from "drizzle-orm";
import { advanceJobs } from "./advance-job.ts";

/**
 * Agents cannot be reached any more: what they had not accepted waits again, what they had accepted is unknown until
 * their journals tell. Runs in the transaction that takes their servers off their gateway. Returns the jobs that changed.
 */
export async function loseContact(
  tx: Transaction,
  { serverIds }: { serverIds: readonly string[] },
): Promise<string[]> {
  if (serverIds.length === 0) return [];
  const held = await tx
    .select({ id: jobs.id, state: jobs.state })
    .from(jobs)
    .where(
      and(inArray(jobs.serverId, [...serverIds]), inArray(jobs.state, ["dispatched", "accepted", "running"])),
    )
    .orderBy(jobs.id)
    .for("update");
  await advanceJobs(
    tx,
    held.map((job) => ({ job, change: { event: { kind: "contact-lost" }, gatewayId: null } })),
  );
  return held.map((job) => job.id);
}
