import { gateways } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";
import { type RecoveredGateway, releaseAllServers } from "./recover-dead-gateways.ts";

/**
 * Lets go of the servers of a gateway that has drained. Its last beat is set back, so that a worker takes the gateway
 * and its queue away at its next look instead of waiting for its heart to stop.
 */
export function retireGateway(
  ctx: SystemContext,
  { gatewayId }: { gatewayId: string },
): Promise<RecoveredGateway> {
  return withSystemTransaction(ctx, async (tx) => {
    const released = await releaseAllServers(tx, gatewayId);
    await tx
      .update(gateways)
      .set({ heartbeatAt: new Date(0) })
      .where(eq(gateways.id, gatewayId));
    return released;
  });
}
