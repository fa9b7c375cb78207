import { bareQueueId } from "./queue-id.ts";
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
  /** What Postfix calls whoever took it. */
  readonly taker: string;
  /** The queue id that whoever took it named; null where it may come back under any. */
  readonly returnsAs: string | null;
}

/** Mail that goes on to a recipient, and may be what a program was given for the same one. */
export interface Return {
  /** Under which queue id it goes on. */
  readonly queueId: string;
  /** Empty where it has none but what Postfix gave it here. */
  readonly messageId: string;
  readonly from: string | null;
  /** The recipient, and the one whose alias leads there. */
  readonly recipients: readonly string[];
  /** The program that takes it now; null where none does. Who hands mail back is not who is given it again. */
  readonly taker: string | null;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What is held, as plain data. */
export interface HeldState {
  readonly deliveries: readonly HeldDelivery[];
  /** What went on before it was told who had taken it. */
  readonly early: readonly Return[];
}

/** Deliveries that wait for what becomes of their mail. */
export interface HeldDeliveries {
  readonly size: number;
  /** Gives those that have waited for longest where there are too many. */
  hold(held: HeldDelivery): readonly TrackedDelivery[];
  /** A message of this host has that queue id: what was given away as that came back, and is no delivery. */
  takeReturned(queueId: string): void;
  /** Of what a program was given for one of the recipients, the first came back. Null where nothing was. */
  takeAgain(back: Return): HeldDelivery | null;
  /** Keeps in mind what went on before it was told that a program had taken it. */
  noteEarly(back: Return): void;
  /** A port named that queue id: what went on under it came from there, and from no program. */
  dropEarly(queueId: string): void;
  /** Whether what a program took for a recipient went on already: each of it goes on once. */
  takeEarly(message: Pick<TrackedMessage, "messageId" | "from">, to: string, taker: string): boolean;
  /** Ends the wait of all whose mail did not come back by then (milliseconds since 1970), unless it may still. */
  settle(at: number, mayReturn: (delivery: TrackedDelivery) => boolean): readonly TrackedDelivery[];
  read(): HeldState;
}

// A filter hands mail back before it answers or at once after; the clock may be put back meanwhile.
const settleMs = 10_000;
// What came back is tried once at least in this time, however full the queue is.
const returnMs = 3_600_000;
/** So many are kept in mind; past it those that waited longest are taken for what they look like. */
export const heldDeliveriesMax = 1000;

/** Goes on with what was kept. */
export function createHeldDeliveries(kept: HeldState = { deliveries: [], early: [] }): HeldDeliveries {
  const waiting = new Map<string, HeldDelivery[]>();
  const early = new Set(kept.early);
  let size = 0;
  for (const held of kept.deliveries) put(held);
  return {
    get size() {
      return size;
    },
    hold(held) {
      put(held);
      const over: TrackedDelivery[] = [];
      // First in the map is oldest.
      for (const [key, [oldest]] of waiting) {
        if (size <= heldDeliveriesMax || oldest === undefined) break;
        drop(key, [oldest]);
        over.push(oldest.delivery);
      }
      return over;
    },
    takeReturned(queueId) {
      takeAll(returnKey(queueId));
    },
    takeAgain({ messageId, from, recipients, taker }) {
      for (const to of recipients) {
        const key = recipientKey({ messageId, from, to });
        const first = waiting.get(key)?.find((held) => held.taker !== taker);
        if (first === undefined) continue;
        drop(key, [first]);
        return first;
      }
      return null;
    },
    noteEarly(back) {
      early.add(back);
      // First in the set is oldest.
      for (const oldest of early) {
        if (early.size <= heldDeliveriesMax) break;
        early.delete(oldest);
      }
    },
    dropEarly(queueId) {
      for (const back of early) if (bareQueueId(back.queueId) === queueId) early.delete(back);
    },
    takeEarly({ messageId, from }, to, taker) {
      const wanted = recipientKey({ messageId: messageId ?? "", from, to });
      for (const back of early) {
        if (back.taker === taker) continue;
        if (back.recipients.some((recipient) => recipientKey({ ...back, to: recipient }) === wanted))
          return early.delete(back);
      }
      return false;
    },
    settle(at, mayReturn) {
      for (const back of early) if (Math.abs(at - back.at) > returnMs) early.delete(back);
      const settled: HeldDelivery[] = [];
      for (const [key, alike] of waiting) {
        const over = alike.filter(({ delivery, returnsAs }) => {
          const ageMs = Math.abs(at - delivery.at);
          return ageMs > settleMs && (returnsAs !== null || ageMs > returnMs || !mayReturn(delivery));
        });
        drop(key, over);
        settled.push(...over);
      }
      return settled.map(({ delivery }) => delivery);
    },
    read: () => ({ deliveries: [...waiting.values()].flat(), early: [...early] }),
  };

  function put(held: HeldDelivery): void {
    const { messageId, from, to } = held.delivery;
    const key =
      held.returnsAs === null
        ? recipientKey({ messageId: messageId ?? "", from, to })
        : returnKey(held.returnsAs);
    const alike = waiting.get(key);
    if (alike === undefined) waiting.set(key, [held]);
    else alike.push(held);
    size += 1;
  }

  function takeAll(key: string): void {
    drop(key, waiting.get(key) ?? []);
  }

  function drop(key: string, given: readonly HeldDelivery[]): void {
    if (given.length === 0) return;
    const left = (waiting.get(key) ?? []).filter((held) => !given.includes(held));
    if (left.length === 0) waiting.delete(key);
    else waiting.set(key, left);
    size -= given.length;
  }
}

/** Instances of Postfix name each other's ids, and one filters for another. */
const returnKey = (queueId: string): string => `as ${bareQueueId(queueId)}`;

/** Mail without a Message-ID is known by its sender. */
const recipientKey = ({
  messageId,
  from,
  to,
}: {
  messageId: string;
  from: string | null;
  to: string;
}): string => `to ${to.toLowerCase()} ${messageId === "" ? `from ${from?.toLowerCase()}` : `<${messageId}>`}`;
