import type { Delivery } from "@mailstead/core/jobs";
import {
  type PgPool,
  PostgresQueueBackend,
  type Processor,
  Queue,
  Worker,
  type WorkerOptions,
  withBackend,
} from "bullmq";
import { Redis } from "ioredis";
import { openPostgresConnection, readQueueNames } from "./postgres-queue.ts";
import type { QueueAddress } from "./queue-address.ts";

/** BullMQ on one of its two backends, over connections of our own. */
export interface QueueBackend {
  openQueue(name: string): BackedQueue;
  openWorker(name: string, process: Processor<Delivery>, options: WorkerSettings): BackedWorker;
  /** Every queue of which the backend holds a trace. */
  listQueueNames(): Promise<readonly string[]>;
  close(): Promise<void>;
}

export interface BackedQueue
  extends Pick<Queue<Delivery>, "addBulk" | "getWaitingCount" | "obliterate" | "close"> {
  on(event: "error", listener: (problem: Error) => void): unknown;
}
export interface BackedWorker extends Pick<Worker<Delivery>, "close"> {
  on(event: "error", listener: (problem: Error) => void): unknown;
  waitUntilReady(): Promise<unknown>;
}
export type WorkerSettings = Omit<WorkerOptions, "connection" | "prefix">;

const redisPrefix = "mailstead";
// BullMQ notes its version for each queue, whenever it gets to it: also when the queue has just been removed.
const queueOptions = { skipMetasUpdate: true };

/** Opens Redis when the address names one, else Postgres. Rejects when the backend cannot be reached. */
export function openQueueBackend(address: QueueAddress): Promise<QueueBackend> {
  return address.redisUrl === undefined ? openPostgres(address.databaseUrl) : openRedis(address.redisUrl);
}

async function openRedis(redisUrl: string): Promise<QueueBackend> {
  const connection = new Redis(redisUrl, { maxRetriesPerRequest: null, lazyConnect: true });
  await connection.connect();
  const base = { connection, prefix: redisPrefix };
  return {
    openQueue: (name) => new Queue<Delivery>(name, { ...base, ...queueOptions }),
    openWorker: (name, process, options) => new Worker<Delivery>(name, process, { ...options, ...base }),
    listQueueNames: () => scanQueueNames(connection),
    close: async () => connection.disconnect(),
  };
}

/** Redis keeps no list of queues, so it is read off the names of their keys, which bear the queue's name in the middle. */
async function scanQueueNames(connection: Redis): Promise<readonly string[]> {
  const names = new Set<string>();
  const keys = connection.scanStream({ match: `${redisPrefix}:*`, count: 1000 });
  for await (const batch of keys as AsyncIterable<readonly string[]>)
    for (const key of batch) names.add(key.split(":")[1] ?? "");
  return [...names];
}

async function openPostgres(databaseUrl: string): Promise<QueueBackend> {
  const connection = await openPostgresConnection(databaseUrl);
  // Any number of queues share one pool, where BullMQ's own factory would open one for each of them.
  const { Queue, Worker } = withBackend<PostgresQueueBackend, PgPool>(
    (name, options, { withBlockingConnection = false } = {}) =>
      new PostgresQueueBackend(connection, name, options, withBlockingConnection),
  );
  const base = { connection: connection.pool };
  return {
    openQueue: (name) => new Queue<Delivery>(name, { ...base, ...queueOptions }),
    openWorker: (name, process, options) => new Worker<Delivery>(name, process, { ...options, ...base }),
    listQueueNames: () => readQueueNames(connection),
    close: () => connection.close(),
  };
}
