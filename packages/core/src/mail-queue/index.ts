export {
  describeFilter,
  type QueueFilter,
  queuedDomains,
  queueFilterSchema,
  queueMatcher,
} from "./queue-filter.ts";
export {
  type QueueActionName,
  type QueuePage,
  type QueueTarget,
  queueActions,
  queuedOneSchema,
  queuePageMax,
  queuePageSchema,
  queueSelectionMax,
  queueSkipMax,
  queueTalliesMax,
  queueTargetSchema,
} from "./queue-orders.ts";
export { type QueuedMessage, type QueueName, queuedMessageSchema, queueNames } from "./queued-message.ts";
export { type QueueEntry, readQueueLine } from "./read-queue-line.ts";
