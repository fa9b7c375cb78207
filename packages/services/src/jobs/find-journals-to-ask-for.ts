import { jobs, servers } from "@mailstead/db";
import { and, eq, inArray, isNotNull, lt, lte, or } from "drizzle-orm";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";

export interface HeldServer {
  readonly serverId: string;
  /** The gateway that holds the server's agent. */
  readonly gatewayId: string;
}

/**
 * Connected servers with a job that only the agent's journal can settle, and did not when the agent connected: one
 * that was sent, never answered and is cancelled or out of time since, or one that runs past its time. An agent shows
 * its journal when it connects, so these are to be disconnected; only connections from before `connectedBefore` count.
 */
export function findJournalsToAskFor(
  ctx: SystemContext,
  { connectedBefore, limit }: { connectedBefore: Date; limit: number },
): Promise<HeldServer[]> {
  return withSystemTransaction(ctx, async (tx) => {
    const isOutOfTime = and(lt(jobs.deadlineAt, ctx.now()), lt(servers.connectedAt, jobs.deadlineAt));
    // One that waits and never left needs no journal: whoever cancels it or finds it late ends it.
    const waitsToBeSentAgain = and(eq(jobs.state, "queued"), isNotNull(jobs.dispatchedAt));
    const rows = await tx
      .selectDistinct({ serverId: servers.id, gatewayId: servers.gatewayId })
      .from(jobs)
      .innerJoin(servers, eq(servers.id, jobs.serverId))
      .where(
        and(
          isNotNull(servers.gatewayId),
          lt(servers.connectedAt, connectedBefore),
          or(
            and(waitsToBeSentAgain, lte(servers.connectedAt, jobs.cancelRequestedAt)),
            and(waitsToBeSentAgain, isOutOfTime),
            and(inArray(jobs.state, ["accepted", "running"]), isOutOfTime),
          ),
        ),
      )
      .limit(limit);
    return rows.flatMap(({ gatewayId, serverId }) => (gatewayId === null ? [] : [{ serverId, gatewayId }]));
  });
}
