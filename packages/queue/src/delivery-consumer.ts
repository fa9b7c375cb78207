import { type Delivery, deliverySchema } from "@mailstead/core/jobs";
import { deliveryQueueName, type QueueAddress } from "./queue-address.ts";
import { openQueueBackend } from "./queue-backend.ts";

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
/** How long an entry of a process that died lingers; its row has been found by a sweep long before. */
const lockDurationMs = 60_000;

/** Starts to consume the queue of one gateway; resolves once it can be reached. */
export async function openDeliveryConsumer(
  address: QueueAddress,
  { gatewayId, deliver, onProblem }: DeliveryConsumerOptions,
): Promise<DeliveryConsumer> {
  const backend = await openQueueBackend(address);
  const worker = backend.openWorker(
    deliveryQueueName(gatewayId),
    async (job) => deliver(deliverySchema.parse(job.data)),
    { concurrency: deliveriesInHandMax, lockDuration: lockDurationMs },
  );
  worker.on("error", onProblem);
  await worker.waitUntilReady();
  return {
    async close() {
      await worker.close();
      await backend.close();
    },
  };
}
