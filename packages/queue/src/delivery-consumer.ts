import { type Delivery, deliverySchema } from "@mailstead/core/jobs";
import { createPostgresBackend, type Job, Worker, withBackend } from "bullmq";
import { Redis } from "ioredis";
import {
  deliveryQueueName,
  postgresOptions,
  type QueueAddress,
  redisOptions,
  redisPrefix,
} from "./queue-address.ts";

/** The gateway's side of its queue. */
export interface DeliveryConsumer {
  /** Waits for the deliveries in hand, then lets go of the connection. */
  close(): Promise<void>;
}

export interface DeliveryConsumerOptions {
  readonly gatewayId: string;
  /** Carries one delivery; a rejection lets the queue try again a little later. */
  readonly deliver: (delivery: Delivery) => Promise<void>;
  readonly onProblem: (problem: Error) => void;
}

/** A delivery mostly waits for an agent's answer, so many are in hand at once. */
const deliveriesInHandMax = 256;

/** Starts to consume the queue of one gateway; resolves when it listens, so that the next delivery is not late. */
export async function openDeliveryConsumer(
  address: QueueAddress,
  { gatewayId, deliver, onProblem }: DeliveryConsumerOptions,
): Promise<DeliveryConsumer> {
  const name = deliveryQueueName(gatewayId);
  const process = async (job: Job) => deliver(deliverySchema.parse(job.data));
  const options = {
    concurrency: deliveriesInHandMax,
    // A stalled delivery is found by the sweep of Postgres anyway; these bound how long an entry of a dead process lingers.
    lockDuration: 60_000,
    removeOnComplete: { count: 0 },
    removeOnFail: { count: 0 },
  };
  if (address.redisUrl !== undefined) {
    const { url, ...redis } = redisOptions(address.redisUrl);
    const connection = new Redis(url, redis);
    const worker = new Worker(name, process, { ...options, connection, prefix: redisPrefix });
    worker.on("error", onProblem);
    await worker.waitUntilReady();
    return {
      close: async () => {
        await worker.close();
        connection.disconnect();
      },
    };
  }
  const Backed = withBackend(createPostgresBackend);
  const worker = new Backed.Worker(name, process, {
    ...options,
    connection: postgresOptions(address.databaseUrl),
  });
  worker.on("error", onProblem);
  await worker.waitUntilReady();
  return { close: () => worker.close() };
}
