import { type SystemContext, withSystemTransaction } from "../context/index.ts";
import { type RecoveredGateway, removeGateway } from "./recover-dead-gateways.ts";

/** Takes a gateway that has drained out of the tables, so that nobody waits for its heart to stop. */
export function retireGateway(
  ctx: SystemContext,
  { gatewayId }: { gatewayId: string },
): Promise<RecoveredGateway> {
  return withSystemTransaction(ctx, (tx) => removeGateway(tx, gatewayId));
}
