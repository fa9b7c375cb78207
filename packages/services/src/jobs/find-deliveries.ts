import { jobs, servers } from "@mailstead/db";
import { and, eq, isNotNull, isNull, lt, or } from "drizzle-orm";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";
import { type AddressedDelivery, findDeliveries } from "./relay-outbox.ts";

/** What may be delivered to one server now; asked after its agent connected and after a job of its ended. */
export function findDeliveriesOfServer(
  ctx: SystemContext,
  { serverId }: { serverId: string },
): Promise<AddressedDelivery[]> {
  return withSystemTransaction(ctx, (tx) => findDeliveries(tx, { serverIds: [serverId], now: ctx.now() }));
}

/**
 * The sweep: what may be delivered to connected servers and has been waiting since before `waitingSince`, because its
 * queue entry was lost or never made. An entry made twice is harmless.
 */
export function findLostDeliveries(
  ctx: SystemContext,
  { waitingSince, limit }: { waitingSince: Date; limit: number },
): Promise<AddressedDelivery[]> {
  return withSystemTransaction(ctx, async (tx) => {
    const waiting = await tx
      .selectDistinct({ serverId: jobs.serverId })
      .from(jobs)
      .innerJoin(servers, eq(servers.id, jobs.serverId))
      .where(
        and(
          eq(jobs.state, "queued"),
          isNotNull(servers.gatewayId),
          lt(jobs.signedAt, waitingSince),
          or(isNull(jobs.dispatchedAt), lt(jobs.dispatchedAt, waitingSince)),
        ),
      )
      .limit(limit);
    const serverIds = waiting.map(({ serverId }) => serverId);
    return findDeliveries(tx, { serverIds, now: ctx.now() });
  });
}
