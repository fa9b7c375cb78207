import { isLoopback, type TrackedMessage } from "./tracked-message.ts";

// A line of a header holds 998 characters (RFC 5322 §2.1.1), and whoever writes a longer one is not to fill the host's memory.
const nameLengthMax = 998;

/** A Message-ID as it is kept: one that is overlong by its beginning and its length, which tell it from most others. */
export function keptMessageId(messageId: string): string {
  if (messageId.length <= nameLengthMax) return messageId;
  return `${messageId.slice(0, nameLengthMax)} and more, ${messageId.length} in all`;
}

/** A filter hands back what it was given within seconds, so that few lie there at once. */
const namelessMax = 200;

type Named = Pick<TrackedMessage, "queueId" | "messageId" | "isPickedUp" | "originalQueueId" | "client">;

/** Which messages go by one Message-ID: as one came to this host, and as programs of the host handed it in again. */
export interface MessageNames {
  /** Takes up a message whose Message-ID is known by now. */
  add(message: Named): void;
  remove(message: Named): void;
  /** Queue id of the message that came from elsewhere under that Message-ID. */
  originOf(messageId: string): string | undefined;
  /** Queue ids of messages without a Message-ID; of very many the first only. */
  nameless(): readonly string[];
  /** Whether another message than that one lies in the queue that a program handed in. */
  hasReturn(messageId: string, queueId: string): boolean;
}

/** Begins with the messages that are followed already, in any order. */
export function createMessageNames(messages: readonly Named[]): MessageNames {
  const origins = new Map<string, string>();
  /** Of messages that came from elsewhere under one Message-ID all but the last, as copies from a list. */
  const copies = new Map<string, Set<string>>();
  const nameless = new Set<string>();
  const returns = new Map<string, Set<string>>();
  // What is picked up gives way to what came from elsewhere.
  for (const isPickedUp of [false, true])
    for (const message of messages) if ((message.isPickedUp === true) === isPickedUp) add(message);
  return {
    add,
    remove({ messageId, queueId }) {
      if (messageId === null) return;
      if (messageId === "") nameless.delete(queueId);
      removeOrigin(messageId, queueId);
      const alike = returns.get(messageId);
      if (alike?.delete(queueId) && alike.size === 0) returns.delete(messageId);
    },
    originOf: (messageId) => origins.get(messageId),
    nameless: () => [...nameless],
    hasReturn(messageId, queueId) {
      const alike = returns.get(messageId);
      return alike !== undefined && alike.size > (alike.has(queueId) ? 1 : 0);
    },
  };

  function addOrigin(messageId: string, queueId: string): void {
    const before = origins.get(messageId);
    origins.set(messageId, queueId);
    if (before === undefined || before === queueId) return;
    const others = copies.get(messageId) ?? new Set();
    copies.set(messageId, others.add(before));
  }

  function removeOrigin(messageId: string, queueId: string): void {
    const others = copies.get(messageId);
    others?.delete(queueId);
    if (origins.get(messageId) === queueId) {
      const [next] = others ?? [];
      if (next === undefined) origins.delete(messageId);
      else {
        origins.set(messageId, next);
        others?.delete(next);
      }
    }
    if (others?.size === 0) copies.delete(messageId);
  }

  function add({ messageId, queueId, originalQueueId, isPickedUp, client }: Named): void {
    // Mail without a Message-ID has nothing to do with other mail without one.
    if (messageId === "" && nameless.size < namelessMax) nameless.add(queueId);
    if (!messageId) return;
    // What is picked up may have been handed back by a program, whose message goes by the same name.
    const isTaken = isPickedUp === true && origins.has(messageId);
    if (originalQueueId === null && !isTaken) addOrigin(messageId, queueId);
    if (isPickedUp !== true && originalQueueId === null && !isLoopback(client?.address ?? null)) return;
    const alike = returns.get(messageId);
    if (alike === undefined) returns.set(messageId, new Set([queueId]));
    else alike.add(queueId);
  }
}
