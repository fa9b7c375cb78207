import { jobs, servers } from "@mailstead/db";
import { and, eq, inArray, isNotNull } from "drizzle-orm";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";
import type { AddressedDelivery } from "./relay-outbox.ts";

/** Jobs that a person wanted cancelled and whose connected agent has not ended them; telling it twice is harmless. */
export function findUnheardCancels(
  ctx: SystemContext,
  { limit }: { limit: number },
): Promise<AddressedDelivery[]> {
  return withSystemTransaction(ctx, async (tx) => {
    const rows = await tx
      .select({ jobId: jobs.id, serverId: jobs.serverId, gatewayId: servers.gatewayId })
      .from(jobs)
      .innerJoin(servers, eq(servers.id, jobs.serverId))
      .where(
        and(
          inArray(jobs.state, ["dispatched", "accepted", "running"]),
          isNotNull(jobs.cancelRequestedAt),
          isNotNull(servers.gatewayId),
        ),
      )
      .limit(limit);
    return rows.flatMap(({ gatewayId, ...row }) => (gatewayId === null ? [] : [{ ...row, gatewayId }]));
  });
}
