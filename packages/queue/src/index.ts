export { type DeliveryConsumer, openDeliveryConsumer } from "./delivery-consumer.ts";
export { type DeliveryQueue, openDeliveryQueue } from "./delivery-queue.ts";
export type { QueueAddress } from "./queue-address.ts";
