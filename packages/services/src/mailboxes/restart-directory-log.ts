import { type DirectoryEntry, isLogOverlong, isTimeToWeighLog } from "@mailstead/core/mailboxes";
import { directoryChanges, type Transaction } from "@mailstead/db";
import { and, asc, desc, eq, sql } from "drizzle-orm";
import type { ServerForChange } from "../servers/index.ts";

/**
 * The entries that live, in the order in which they came, when the log of a locked server has grown so long past them
 * that it is to start anew with them; null otherwise.
 */
export async function findEntriesToStartAnew(
  tx: Transaction,
  { server, fromRevision }: { server: ServerForChange; fromRevision: number },
): Promise<DirectoryEntry[] | null> {
  const revision = server.directoryRevision;
  if (!isTimeToWeighLog(fromRevision, revision)) return null;
  const newest = tx
    .selectDistinctOn([directoryChanges.entryKind, directoryChanges.key], {
      revision: directoryChanges.revision,
      entry: directoryChanges.entry,
    })
    .from(directoryChanges)
    .where(and(eq(directoryChanges.serverId, server.id), eq(directoryChanges.epoch, server.directoryEpoch)))
    .orderBy(directoryChanges.entryKind, directoryChanges.key, desc(directoryChanges.revision))
    .as("newest");
  // What was deleted last has no entry.
  const isLiving = sql`${newest.entry} is not null`;
  const [living] = await tx.select({ count: sql<number>`count(*)::integer` }).from(newest).where(isLiving);
  if (!isLogOverlong({ revision, livingEntries: living?.count ?? 0 })) return null;
  const rows = await tx
    .select({ entry: newest.entry })
    .from(newest)
    .where(isLiving)
    .orderBy(asc(newest.revision));
  return rows.flatMap(({ entry }) => entry ?? []);
}
