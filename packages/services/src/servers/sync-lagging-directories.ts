import { jobs, servers } from "@mailstead/db";
import { and, eq, gt, gte, isNotNull, lt, ne, notExists, or } from "drizzle-orm";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";
import { isOpen } from "../jobs/index.ts";
import { enqueueSyncDirectory } from "./target-state-store.ts";

// A directory that cannot be synced must not be tried at every look.
const selfHealEveryMs = 5 * 60_000;

/**
 * Asks for a sync of connected hosts whose last report shows a mail directory that is behind, when none is on the way
 * and none was asked for lately. Returns the ids of their servers.
 */
export function syncLaggingDirectories(
  ctx: SystemContext,
  { limit }: { limit: number },
): Promise<readonly string[]> {
  return withSystemTransaction(ctx, async (tx) => {
    const lately = new Date(ctx.now().getTime() - selfHealEveryMs);
    const triedLately = gt(jobs.createdAt, lately);
    // A sync that may have waited long for its host is followed by a report. One that failed is not: it changed nothing.
    const isUnreported = and(gt(jobs.endedAt, lately), gte(jobs.endedAt, servers.observedAt));
    const sync = tx
      .select({ id: jobs.id })
      .from(jobs)
      .where(
        and(
          eq(jobs.serverId, servers.id),
          eq(jobs.verb, "sync-directory"),
          or(isOpen, triedLately, isUnreported),
        ),
      );
    const lagging = await tx
      .select({
        id: servers.id,
        directoryEpoch: servers.directoryEpoch,
        directoryRevision: servers.directoryRevision,
        directoryChain: servers.directoryChain,
      })
      .from(servers)
      .where(
        and(
          isNotNull(servers.gatewayId),
          gt(servers.appliedRevision, 0),
          or(
            ne(servers.appliedDirectoryEpoch, servers.directoryEpoch),
            lt(servers.appliedDirectoryRevision, servers.directoryRevision),
          ),
          notExists(sync),
        ),
      )
      .orderBy(servers.id)
      .limit(limit)
      .for("no key update", { skipLocked: true });
    for (const server of lagging) await enqueueSyncDirectory(tx, ctx, server);
    return lagging.map(({ id }) => id);
  });
}
