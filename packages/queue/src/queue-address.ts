import { PostgresConnection } from "bullmq";

/** Where the queue lives: in Postgres unless a Redis is named. */
export interface QueueAddress {
  /** Connection of the system role, which owns the schema of the queue. */
  readonly databaseUrl: string;
  readonly redisUrl?: string | undefined;
}

/** Apart from the tables of the truth, so that the whole queue can be dropped without touching them. */
export const queueSchema = "mailstead_queue";
export const redisPrefix = "mailstead";

/** The queue that carries deliveries to one gateway. BullMQ forbids colons in names. */
export function deliveryQueueName(gatewayId: string): string {
  return `deliver-${gatewayId}`;
}

/** Options of a Postgres connection that makes the queue's tables when they are missing. */
export function postgresOptions(databaseUrl: string) {
  return { connectionString: databaseUrl, schema: queueSchema, migrate: true, max: 4 };
}

/** A connection that many queues share. */
export function openPostgresConnection(databaseUrl: string): PostgresConnection {
  return new PostgresConnection(postgresOptions(databaseUrl));
}

/** Connection options of ioredis for a Redis URL. */
export function redisOptions(redisUrl: string) {
  return { url: redisUrl, maxRetriesPerRequest: null };
}
