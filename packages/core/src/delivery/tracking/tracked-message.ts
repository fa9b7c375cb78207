/** What is known of a message that lies in the queue. Plain data, so that it outlives a restart of the agent. */
export interface TrackedMessage {
  queueId: string;
  /** Milliseconds since 1970, of a late line. */
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
  /** Whether a content filter handed it back under another queue id; left out by an agent of before. */
  isHandedBack?: boolean;
  /** Whether the filter that handed it back says that it did; left out where none does, and by an agent of before. */
  isNamed?: boolean;
  /** Whether a program of this host handed it in by sendmail(1); left out where none did, and by an agent of before. */
  isPickedUp?: boolean;
  attempts: Record<string, number>;
  /** Recipients whose last attempt was deferred, with that attempt's parts: what `expired` ends. */
  waiting: Record<string, { relayName: string; reply: string; dsn: string | null }>;
}

/** A message while it is followed: as it is kept, with its recipients side by side. */
export interface FollowedMessage extends Omit<TrackedMessage, "attempts" | "waiting"> {
  readonly recipients: Map<string, FollowedRecipient>;
  /** Whether it is other than when changes were last read, and whether it was there then. */
  isChanged: boolean;
  isKept: boolean;
}

interface FollowedRecipient {
  attempts: number;
  /** Null unless the last attempt was deferred. */
  waiting: TrackedMessage["waiting"][string] | null;
}

/** A message of which nothing is known yet but its queue id. */
export function unknownMessage(queueId: string, at: number): FollowedMessage {
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
    recipients: new Map(),
    isChanged: false,
    isKept: false,
  };
}

/** Goes on with a message that was kept. */
export function followMessage({ attempts, waiting, ...message }: TrackedMessage): FollowedMessage {
  const recipients = Object.entries(attempts).map(
    ([to, count]) =>
      [to, { attempts: count, waiting: Object.hasOwn(waiting, to) ? (waiting[to] ?? null) : null }] as const,
  );
  return { ...message, recipients: new Map(recipients), isChanged: false, isKept: true };
}

/** The message as it is kept; later lines do not change it. */
export function keepMessage({
  recipients,
  isChanged: _,
  isKept: __,
  ...message
}: FollowedMessage): TrackedMessage {
  if (recipients.size === 0) return { ...message, attempts: {}, waiting: {} };
  const all = [...recipients];
  return {
    ...message,
    attempts: Object.fromEntries(all.map(([to, { attempts }]) => [to, attempts])),
    waiting: Object.fromEntries(
      all.flatMap(([to, { waiting }]) => (waiting === null ? [] : [[to, waiting]])),
    ),
  };
}

/** What comes back is in the name of whoever handed the first of it in. */
export function adopt(
  message: FollowedMessage,
  origin: Pick<FollowedMessage, "client" | "saslUsername" | "isNotification"> & { firstQueueId: string },
): void {
  message.client = origin.client;
  message.saslUsername = origin.saslUsername;
  message.isNotification = origin.isNotification;
  message.originalQueueId = origin.firstQueueId;
}

/** Whether an address is of this host itself, where content filters listen (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3). */
export function isLoopback(address: string | null): boolean {
  return address !== null && (address.startsWith("127.") || address === "::1");
}
