import { gatewayChannel } from "@mailstead/services/bus";
import type { AddressedDelivery, HeldServer } from "@mailstead/services/jobs";
import type { WorkerContext } from "../worker-context.ts";

/** Adds deliveries to the queues of the gateways that hold the agents. */
export async function addDeliveries(
  { queue }: Pick<WorkerContext, "queue">,
  deliveries: readonly AddressedDelivery[],
): Promise<void> {
  const ofGateway = Map.groupBy(deliveries, (delivery) => delivery.gatewayId);
  await Promise.all([...ofGateway].map(([gatewayId, batch]) => queue.add(gatewayId, batch)));
}

/** Asks the gateways to tell their agents what a person wants cancelled. */
export async function askToCancel(
  { bus }: Pick<WorkerContext, "bus">,
  cancels: readonly AddressedDelivery[],
): Promise<void> {
  for (const { gatewayId, serverId, jobId } of cancels)
    await bus.publish(gatewayChannel(gatewayId), JSON.stringify({ kind: "cancel-job", serverId, jobId }));
}

/** Has gateways end connections; an agent that may connect anew begins by showing its journal. */
export async function endConnections(
  { bus }: Pick<WorkerContext, "bus">,
  held: readonly HeldServer[],
): Promise<void> {
  for (const { gatewayId, serverId } of held)
    await bus.publish(gatewayChannel(gatewayId), JSON.stringify({ kind: "dismiss", serverId }));
}
