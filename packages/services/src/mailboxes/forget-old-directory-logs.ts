import { sql } from "drizzle-orm";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";

/**
 * Deletes the directory logs of epochs that no host reads any more, and returns how many changes they held. The log
 * before the current one stays until the host has left it, because a sync to its end may be on the way.
 */
export function forgetOldDirectoryLogs(ctx: SystemContext): Promise<number> {
  return withSystemTransaction(ctx, async (tx) => {
    const { rowCount } = await tx.execute(sql`delete from directory_changes using servers
      where servers.id = directory_changes.server_id and servers.directory_epoch > 1
        and (directory_changes.epoch < servers.directory_epoch - 1
          or (directory_changes.epoch < servers.directory_epoch
            and servers.applied_directory_epoch >= servers.directory_epoch))`);
    return rowCount ?? 0;
  });
}
