/** Where the queue lives: in Postgres unless a Redis is named. */
export interface QueueAddress {
  /** Connection of the worker's role, which owns the schema of the queue, or of the gateway's, which uses it. */
  readonly databaseUrl: string;
  readonly redisUrl?: string | undefined;
}

const namePrefix = "deliver-";

/** The queue that carries deliveries to one gateway. BullMQ forbids colons in names. */
export function deliveryQueueName(gatewayId: string): string {
  return `${namePrefix}${gatewayId}`;
}

/** The gateway that a queue is for; null when it carries no deliveries. */
export function gatewayOfQueue(name: string): string | null {
  return name.startsWith(namePrefix) ? name.slice(namePrefix.length) : null;
}
