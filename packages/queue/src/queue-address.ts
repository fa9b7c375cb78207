/** Where the queue lives: in Postgres unless a Redis is named. */
export interface QueueAddress {
  /** Connection of the worker's role, which owns the schema of the queue, or of the gateway's, which uses it. */
  readonly databaseUrl: string;
  readonly redisUrl?: string | undefined;
}

/** The queue that carries deliveries to one gateway. BullMQ forbids colons in names. */
export function deliveryQueueName(gatewayId: string): string {
  return `deliver-${gatewayId}`;
}
