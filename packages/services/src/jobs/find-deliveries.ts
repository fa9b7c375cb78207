import { type JobLane, jobsInFlightMax } from "@mailstead/core/jobs";
import { jobs, servers, type Transaction } from "@mailstead/db";
import { and, eq, inArray, isNotNull, isNull, lt, lte, min, notExists, or, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";
import { type AddressedDelivery, findDeliveries } from "./relay-outbox.ts";

/** What may be delivered to these servers now; asked after an agent connected and after a job ended. */
export function findDeliveriesOfServers(
  ctx: SystemContext,
  { serverIds }: { serverIds: readonly string[] },
): Promise<AddressedDelivery[]> {
  return withSystemTransaction(ctx, (tx) => findDeliveries(tx, { serverIds, now: ctx.now() }));
}

/**
 * The sweep: what may be delivered to connected servers and has been waiting since before `waitingSince`, because its
 * queue entry was lost or never made. An entry made twice is harmless. Of each gateway the servers come first that have
 * waited longest, at most `limit` of them, so that one gateway that does not keep up takes nothing from the others.
 */
export function findLostDeliveries(
  ctx: SystemContext,
  { waitingSince, limit }: { waitingSince: Date; limit: number },
): Promise<AddressedDelivery[]> {
  return withSystemTransaction(ctx, async (tx) => {
    const now = ctx.now();
    const waiting = tx
      .select({
        serverId: jobs.serverId,
        position:
          sql<number>`row_number() over (partition by ${servers.gatewayId} order by ${min(jobs.signedAt)})`.as(
            "position",
          ),
      })
      .from(jobs)
      .innerJoin(servers, eq(servers.id, jobs.serverId))
      .where(
        and(
          eq(jobs.state, "queued"),
          isNotNull(servers.gatewayId),
          lt(jobs.signedAt, waitingSince),
          or(isNull(jobs.dispatchedAt), lt(jobs.dispatchedAt, waitingSince)),
          isItsTurn(tx, now),
        ),
      )
      .groupBy(jobs.serverId, servers.gatewayId)
      .as("waiting");
    const longest = await tx
      .select({ serverId: waiting.serverId })
      .from(waiting)
      .where(lte(waiting.position, limit));
    const serverIds = longest.map(({ serverId }) => serverId);
    return findDeliveries(tx, { serverIds, now });
  });
}

/**
 * Core's rule of the lanes, as a condition: without it servers that are busy would fill the sweep, and what was lost
 * would wait behind them. That rule itself still decides about what is found.
 */
function isItsTurn(tx: Transaction, now: Date) {
  const other = alias(jobs, "other");
  const inLane = and(eq(other.serverId, jobs.serverId), eq(other.lane, jobs.lane));
  const isInFlight = inArray(other.state, ["dispatched", "accepted", "running", "unknown"]);
  const isBefore = and(eq(other.state, "queued"), lt(other.sequence, jobs.sequence));
  const isStuck = or(
    isNull(other.signedOrder),
    isNotNull(other.cancelRequestedAt),
    lt(other.deadlineAt, now),
  );
  const others = () => tx.select({ id: other.id }).from(other).$dynamic();
  const stuck = others().where(
    and(inLane, eq(other.state, "queued"), lte(other.sequence, jobs.sequence), isStuck),
  );
  const isInReach = Object.entries(jobsInFlightMax).map(([lane, max]) => {
    const oneTooMany = others()
      .where(and(inLane, or(isInFlight, isBefore)))
      .limit(1)
      .offset(max - 1);
    return and(eq(jobs.lane, lane as JobLane), notExists(oneTooMany));
  });
  return and(or(...isInReach), notExists(stuck));
}
