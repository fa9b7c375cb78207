import { gateways, servers } from "@mailstead/db";
import { and, eq, inArray, sql } from "drizzle-orm";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";

/**
 * Says that a gateway lives, by the clock of Postgres, and which servers it has heard from since the last beat. False
 * means that the gateway was taken for dead and its agents were given up: it must let them go and start anew.
 */
export function beatGateway(
  ctx: SystemContext,
  { gatewayId, heardServerIds }: { gatewayId: string; heardServerIds: readonly string[] },
): Promise<boolean> {
  return withSystemTransaction(ctx, async (tx) => {
    const alive = await tx
      .update(gateways)
      .set({ heartbeatAt: sql`now()` })
      .where(eq(gateways.id, gatewayId))
      .returning({ id: gateways.id });
    if (alive.length === 0) return false;
    if (heardServerIds.length > 0)
      await tx
        .update(servers)
        .set({ lastSeenAt: ctx.now() })
        .where(and(eq(servers.gatewayId, gatewayId), inArray(servers.id, [...heardServerIds])));
    return true;
  });
}
