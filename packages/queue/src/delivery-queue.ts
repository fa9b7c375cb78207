import type { Delivery } from "@mailstead/core/jobs";
import { deliveryQueueName, gatewayOfQueue, type QueueAddress } from "./queue-address.ts";
import { type BackedQueue, openQueueBackend } from "./queue-backend.ts";

/** The side of the queue that adds deliveries, for any number of gateways over one connection. */
export interface DeliveryQueue {
  /** Resolves once the queue holds them. A delivery that is added twice is carried twice, which is harmless. */
  add(gatewayId: string, deliveries: readonly Delivery[]): Promise<void>;
  /** How many deliveries wait for a gateway to take them up. */
  countWaiting(gatewayId: string): Promise<number>;
  /** The gateways that the backend holds anything for, whether they live or not. */
  listGatewayIds(): Promise<readonly string[]>;
  /** Forgets the queue of a gateway that will not come back. */
  remove(gatewayId: string): Promise<void>;
  close(): Promise<void>;
}

/** A row in Postgres says what must be delivered, so nothing is kept once a delivery is done or has failed for good. */
const deliveryOptions = {
  attempts: 4,
  backoff: { type: "exponential", delay: 250 },
  removeOnComplete: true,
  removeOnFail: true,
} as const;

/** Opens the queue in Redis when the address names one, else in Postgres. `onProblem` hears of lost connections. */
export async function openDeliveryQueue(
  address: QueueAddress,
  onProblem: (problem: Error) => void,
): Promise<DeliveryQueue> {
  const backend = await openQueueBackend(address);
  const queues = new Map<string, BackedQueue>();
  const queueOf = (gatewayId: string) => {
    const known = queues.get(gatewayId);
    if (known) return known;
    const queue = backend.openQueue(deliveryQueueName(gatewayId));
    queue.on("error", onProblem);
    queues.set(gatewayId, queue);
    return queue;
  };
  return {
    async add(gatewayId, deliveries) {
      if (deliveries.length === 0) return;
      await queueOf(gatewayId).addBulk(
        deliveries.map(({ jobId, serverId }) => ({
          name: "deliver",
          data: { jobId, serverId },
          opts: deliveryOptions,
        })),
      );
    },
    countWaiting: (gatewayId) => queueOf(gatewayId).getWaitingCount(),
    async listGatewayIds() {
      return (await backend.listQueueNames()).flatMap((name) => gatewayOfQueue(name) ?? []);
    },
    async remove(gatewayId) {
      const queue = queueOf(gatewayId);
      queues.delete(gatewayId);
      await queue.obliterate({ force: true });
      await queue.close();
    },
    async close() {
      await Promise.all([...queues.values()].map((queue) => queue.close()));
      await backend.close();
    },
  };
}
