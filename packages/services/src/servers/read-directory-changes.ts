import type { DirectoryChange } from "@mailstead/core/mailboxes";
import { directoryChanges, servers, type Transaction } from "@mailstead/db";
import { and, asc, eq, gt, lte } from "drizzle-orm";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";

const pageMax = 2000;
/** Leaves room for the frame around the changes. */
const pageBytesMax = 700_000;

export interface DirectoryPage {
  epoch: number;
  changes: DirectoryChange[];
  /** False on the last page. */
  hasMore: boolean;
}

/**
 * One page of a server's directory log that fits into one frame. The log of an older epoch is read for as long as it is
 * kept, so that a sync which is on the way comes to its end; who asks for one that is gone gets the current one from its
 * start. Returns an empty page for an unknown server.
 */
export async function readDirectoryChanges(
  ctx: SystemContext,
  wanted: { serverId: string; epoch: number; afterRevision: number; upToRevision: number },
): Promise<DirectoryPage> {
  return withSystemTransaction(ctx, async (tx) => {
    const [server] = await tx
      .select({ epoch: servers.directoryEpoch })
      .from(servers)
      .where(eq(servers.id, wanted.serverId));
    if (server === undefined) return { epoch: Math.max(wanted.epoch, 1), changes: [], hasMore: false };
    const isCurrent = server.epoch === wanted.epoch;
    const epoch = isCurrent || (await isKept(tx, wanted)) ? wanted.epoch : server.epoch;
    const after = epoch === wanted.epoch ? wanted.afterRevision : 0;
    const rows = await tx
      .select({
        revision: directoryChanges.revision,
        op: directoryChanges.op,
        key: directoryChanges.key,
        entryKind: directoryChanges.entryKind,
        entry: directoryChanges.entry,
      })
      .from(directoryChanges)
      .where(
        and(
          eq(directoryChanges.serverId, wanted.serverId),
          eq(directoryChanges.epoch, epoch),
          gt(directoryChanges.revision, after),
          lte(directoryChanges.revision, wanted.upToRevision),
        ),
      )
      .orderBy(asc(directoryChanges.revision))
      .limit(pageMax + 1);
    const changes: DirectoryChange[] = [];
    let sizeBytes = 0;
    for (const { entry, ...row } of rows.slice(0, pageMax)) {
      const change = entry === null ? row : { ...row, entry };
      sizeBytes += Buffer.byteLength(JSON.stringify(change)) + 1;
      if (sizeBytes > pageBytesMax && changes.length > 0) break;
      changes.push(change);
    }
    return { epoch, changes, hasMore: changes.length < rows.length };
  });
}

/** An epoch is deleted whole. */
async function isKept(
  tx: Transaction,
  { serverId, epoch }: { serverId: string; epoch: number },
): Promise<boolean> {
  const [first] = await tx
    .select({ revision: directoryChanges.revision })
    .from(directoryChanges)
    .where(and(eq(directoryChanges.serverId, serverId), eq(directoryChanges.epoch, epoch)))
    .limit(1);
  return first !== undefined;
}
