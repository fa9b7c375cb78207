import type { TrackedDelivery } from "./tracked-delivery.ts";
import type { TrackedMessage } from "./tracked-message.ts";

/**
 * A delivery that proves to be none if its mail comes back to this host: it was given to a program or to a port of this host, and
 * the log does not tell a content filter from whoever keeps the mail or takes it elsewhere. Plain data, so that it outlives a restart
 * of the agent.
 */
export interface HeldDelivery {
  readonly delivery: TrackedDelivery;
  /** Who handed its message in, and with it what comes back. */
  readonly client: TrackedMessage["client"];
  /** The queue id that whoever took it named; null where it may come back under any. */
  readonly returnsAs: string | null;
}

/** Deliveries that wait for what becomes of their mail. */
export interface HeldDeliveries {
  readonly size: number;
  hold(held: HeldDelivery): void;
  /** A message of this host has that queue id: what was given away as that came back, and is no delivery. */
  takeReturned(queueId: string): void;
  /** A message with that Message-ID goes to one of these recipients: what was given away for one of them came back. Null where nothing was. */
  takeAgain(messageId: string, recipients: readonly string[]): HeldDelivery | null;
  /** Ends the wait of all whose mail did not come back by then (milliseconds since 1970), unless it may still. */
  settle(at: number, mayReturn: (delivery: TrackedDelivery) => boolean): readonly TrackedDelivery[];
  read(): readonly HeldDelivery[];
}

// A filter hands mail back before it answers or at once after; the clock may be put back meanwhile.
const settleMs = 10_000;
// What came back is tried once at least in this time, however full the queue is.
const returnMs = 3_600_000;
/** So many are kept in mind; past it those that waited longest are taken for what they look like. */
export const heldDeliveriesMax = 1000;

/** Goes on with what was kept. */
export function createHeldDeliveries(kept: readonly HeldDelivery[]): HeldDeliveries {
  const waiting = new Map<string, HeldDelivery[]>();
  let size = 0;
  for (const held of kept) put(held);
  return {
    get size() {
      return size;
    },
    hold: put,
    takeReturned(queueId) {
      take(returnKey(queueId));
    },
    takeAgain(messageId, recipients) {
      for (const recipient of recipients) {
        const [first] = take(recipientKey(messageId, recipient));
        if (first !== undefined) return first;
      }
      return null;
    },
    settle(at, mayReturn) {
      const settled: TrackedDelivery[] = [];
      for (const [key, alike] of waiting) {
        const [first] = alike;
        if (first === undefined) continue;
        const ageMs = Math.abs(at - first.delivery.at);
        const waits = ageMs <= settleMs || (ageMs <= returnMs && mayReturn(first.delivery));
        if (waits && size <= heldDeliveriesMax) continue;
        settled.push(...take(key).map(({ delivery }) => delivery));
      }
      return settled;
    },
    read: () => [...waiting.values()].flat(),
  };

  function put(held: HeldDelivery): void {
    const { messageId, to } = held.delivery;
    const key = held.returnsAs === null ? recipientKey(messageId ?? "", to) : returnKey(held.returnsAs);
    const alike = waiting.get(key);
    if (alike === undefined) waiting.set(key, [held]);
    else alike.push(held);
    size += 1;
  }

  function take(key: string): readonly HeldDelivery[] {
    const taken = waiting.get(key) ?? [];
    waiting.delete(key);
    size -= taken.length;
    return taken;
  }
}

/** Instances of Postfix name each other's ids, and one filters for another. */
const returnKey = (queueId: string): string => `as ${queueId.slice(queueId.lastIndexOf("/") + 1)}`;

const recipientKey = (messageId: string, to: string): string => `to ${to.toLowerCase()} ${messageId}`;
