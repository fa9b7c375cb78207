export { changeQueue, deleteQueued } from "./change-queue.ts";
export { listQueues, type ServerQueue } from "./list-queues.ts";
export { getQueueChange, getQueuePage, type QueueAnswer, readQueue } from "./read-queue.ts";
