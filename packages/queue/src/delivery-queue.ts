import type { Delivery } from "@mailstead/core/jobs";
import { PostgresQueueBackend, Queue, withBackend } from "bullmq";
import { Redis } from "ioredis";
import {
  deliveryQueueName,
  openPostgresConnection,
  type QueueAddress,
  redisOptions,
  redisPrefix,
} from "./queue-address.ts";

/** The side of the queue that adds deliveries, for any number of gateways over one connection. */
export interface DeliveryQueue {
  /** Resolves once the queue holds them. A delivery that is added twice is carried twice, which is harmless. */
  add(gatewayId: string, deliveries: readonly Delivery[]): Promise<void>;
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
export function openDeliveryQueue(address: QueueAddress, onProblem: (problem: Error) => void): DeliveryQueue {
  const backend = openBackend(address);
  const queues = new Map<string, DeliveryBackendQueue>();
  const queueOf = (gatewayId: string) => {
    const known = queues.get(gatewayId);
    if (known) return known;
    const queue = backend.queue(deliveryQueueName(gatewayId));
    queue.on("error", onProblem);
    queues.set(gatewayId, queue);
    return queue;
  };
  return {
    async add(gatewayId, deliveries) {
      if (deliveries.length === 0) return;
      await queueOf(gatewayId).addBulk(
        deliveries.map((data) => ({ name: "deliver", data, opts: deliveryOptions })),
      );
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

interface DeliveryBackendQueue {
  on(event: "error", listener: (problem: Error) => void): unknown;
  addBulk(jobs: { name: string; data: Delivery; opts: typeof deliveryOptions }[]): Promise<unknown>;
  obliterate(options: { force: boolean }): Promise<void>;
  close(): Promise<void>;
}

function openBackend({ databaseUrl, redisUrl }: QueueAddress): {
  queue: (name: string) => DeliveryBackendQueue;
  close: () => Promise<void>;
} {
  if (redisUrl !== undefined) {
    const { url, ...options } = redisOptions(redisUrl);
    const connection = new Redis(url, options);
    return {
      queue: (name) => new Queue<Delivery>(name, { connection, prefix: redisPrefix }),
      close: async () => connection.disconnect(),
    };
  }
  const connection = openPostgresConnection(databaseUrl);
  const Backed = withBackend(
    (name: string, options: ConstructorParameters<typeof PostgresQueueBackend>[2]) =>
      new PostgresQueueBackend(connection, name, options, false),
  );
  return {
    queue: (name) => new Backed.Queue<Delivery>(name, { connection: {} }),
    close: () => connection.close(),
  };
}
