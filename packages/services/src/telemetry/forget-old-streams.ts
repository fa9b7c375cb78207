import { telemetryStreams } from "@mailstead/db";
import { sql } from "drizzle-orm";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";

/** A host begins a stream anew when its store is lost: a few times in its life. */
const beginningsKept = 20;

/** Forgets of each server's streams all but their last beginnings. */
export async function forgetOldStreams(ctx: SystemContext): Promise<void> {
  const { serverId, stream, epoch, storedAt } = telemetryStreams;
  await withSystemTransaction(ctx, (tx) =>
    tx.delete(telemetryStreams).where(
      sql`(${serverId}, ${stream}, ${epoch}) in (
        select server_id, stream, epoch from (
          select *, row_number() over (partition by ${serverId}, ${stream} order by ${storedAt} desc, ${epoch}) as place
          from ${telemetryStreams}) as ranked
        where place > ${beginningsKept})`,
    ),
  );
}
