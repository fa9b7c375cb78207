import { jobs, type Transaction } from "@mailstead/db";
import { and, eq, gte } from "drizzle-orm";
import { isOpen } from "./open-job.ts";

interface InstalledServer {
  readonly id: string;
  readonly appliedRevision: number;
  readonly installRequestedAt: Date | null;
}

/**
 * Whether a converge that is asked for now brings mail to its host for the first time: the host has reported no
 * revision, and none has succeeded since its installation was asked for. Another machine begins anew.
 */
export async function isInstallNow(tx: Transaction, server: InstalledServer): Promise<boolean> {
  if (server.appliedRevision > 0) return false;
  const since = server.installRequestedAt;
  const [succeeded] = await tx
    .select({ id: jobs.id })
    .from(jobs)
    .where(
      and(
        eq(jobs.serverId, server.id),
        eq(jobs.verb, "converge"),
        eq(jobs.state, "succeeded"),
        since === null ? undefined : gte(jobs.createdAt, since),
      ),
    )
    .limit(1);
  return succeeded === undefined;
}

/** A converge went well, so those that wait behind it install nothing any more. */
export async function endInstall(tx: Transaction, { serverId }: { serverId: string }): Promise<void> {
  await tx
    .update(jobs)
    .set({ isInstall: false })
    .where(and(eq(jobs.serverId, serverId), eq(jobs.isInstall, true), isOpen));
}
