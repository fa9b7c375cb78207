/** What is known of a message that lies in the queue. Plain data, so that it outlives a restart of the agent. */
export interface TrackedMessage {
  queueId: string;
  /** Milliseconds since 1970, of its latest line. */
  seenAt: number;
  messageId: string | null;
  from: string | null;
  sizeBytes: number | null;
  /** Name and address of whoever handed it in; null for a program of this host. */
  client: { name: string; address: string | null } | null;
  saslUsername: string | null;
  isNotification: boolean;
  /** The message as it lay in the queue before a content filter handed it back. */
  originalQueueId: string | null;
  attempts: Record<string, number>;
  /** Recipients whose last attempt was deferred, with that attempt's parts: what `expired` ends. */
  waiting: Record<string, { relayName: string; reply: string; dsn: string | null }>;
}

/** A message of which nothing is known yet but its queue id. */
export function unknownMessage(queueId: string, at: number): TrackedMessage {
  return {
    queueId,
    seenAt: at,
    messageId: null,
    from: null,
    sizeBytes: null,
    client: null,
    saslUsername: null,
    isNotification: false,
    originalQueueId: null,
    attempts: {},
    waiting: {},
  };
}

/** A copy that later lines do not change. */
export function copyMessage(message: TrackedMessage): TrackedMessage {
  return { ...message, attempts: { ...message.attempts }, waiting: { ...message.waiting } };
}

/** Whether an address is of this host itself, where content filters listen (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3). */
export function isLoopback(address: string | null): boolean {
  return address !== null && (address.startsWith("127.") || address === "::1");
}
