import { servers } from "@mailstead/db";
import { and, eq, inArray, lt } from "drizzle-orm";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";
import { loseContact } from "../jobs/index.ts";

/**
 * Gives up servers that a gateway is said to hold and holds no more, because the end of a connection could not be
 * noted. One that connected after `connectedBefore` stays: it may have come back meanwhile. Returns the jobs that changed.
 */
export function releaseServers(
  ctx: SystemContext,
  {
    gatewayId,
    serverIds,
    connectedBefore,
  }: { gatewayId: string; serverIds: readonly string[]; connectedBefore: Date },
): Promise<readonly string[]> {
  return withSystemTransaction(ctx, async (tx) => {
    const released = await tx
      .update(servers)
      .set({ gatewayId: null })
      .where(
        and(
          inArray(servers.id, [...serverIds]),
          eq(servers.gatewayId, gatewayId),
          lt(servers.connectedAt, connectedBefore),
        ),
      )
      .returning({ id: servers.id });
    return loseContact(tx, { serverIds: released.map(({ id }) => id) });
  });
}
