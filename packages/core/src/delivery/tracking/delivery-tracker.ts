import { hostNamedIn, splitReply } from "../log-lines/client-line.ts";
import type { DeliveryLine } from "../log-lines/delivery-line.ts";
import type { LogRecord } from "../log-lines/log-record.ts";
import { type MessageStep, processOf, readMessageStep } from "../log-lines/message-step.ts";
import { isRefusedWhole } from "../log-lines/session-line.ts";
import { createArrivals, type KeptArrivals } from "./arrivals.ts";
import { describeAttempt, describeExpiry, queuedAs } from "./describe-attempt.ts";
import { createHeldDeliveries, type HeldState, type Return } from "./held-deliveries.ts";
import { createMessageNames, keptMessageId } from "./message-names.ts";
import { bareQueueId, sameInstance } from "./queue-id.ts";
import { createTlsSessions, type KeptSessions } from "./tls-sessions.ts";
import type { TrackedDelivery } from "./tracked-delivery.ts";
import {
  adopt,
  type FollowedMessage,
  followMessage,
  isLoopback,
  keepMessage,
  type TrackedMessage,
  unknownMessage,
} from "./tracked-message.ts";

/** What a tracker knows, as plain data: kept beside the log's cursor, so that both go on from the same line. */
export interface TrackerState {
  readonly messages: readonly TrackedMessage[];
  readonly sessions: KeptSessions;
  /** Deliveries whose mail may come back to this host; left out by an agent of before. */
  readonly held?: HeldState | undefined;
  /** Under which queue ids mail came of late; left out by an agent of before. */
  readonly arrivals?: KeptArrivals | undefined;
}

/** What is other than when it was last read: enough to keep a state that lies elsewhere in step. */
export interface TrackerChanges {
  readonly messages: readonly TrackedMessage[];
  /** Queue ids of messages that are not followed any more. */
  readonly gone: readonly string[];
  readonly sessions: KeptSessions;
  /** All of it, also what was there before. */
  readonly held: HeldState;
  readonly arrivals: KeptArrivals;
}

/** Follows messages through the log of one host. */
export interface DeliveryTracker {
  /**
   * Takes the next line, and gives the attempts that end with it. Lines of other programs pass by. `step` is what the
   * line tells, where the caller has read it already. An attempt whose mail may still come back to this host, because a program or
   * a port of it took it, is given with a later line or by `settle`.
   */
  take(record: LogRecord, step?: MessageStep | null): readonly TrackedDelivery[];
  /** Gives the attempts whose mail did not come back by a time (milliseconds since 1970), where no line follows. */
  settle(at: number): readonly TrackedDelivery[];
  readState(): TrackerState;
  /** What changed since this was last called, at a cost that grows with the changes and not with the queue. */
  readChanges(): TrackerChanges;
}

/** Most messages that are kept in mind; past it the ones that were silent for longest are given up. */
export const trackedMessagesMax = 20_000;

// Who was silent for longest is known to this much, since most messages come and go in less.
const seenApartMs = 60_000;

// Once in so long it is looked whether what is held has waited for long enough.
const settleApartMs = 1000;

const nothing: readonly TrackedDelivery[] = [];

/**
 * Starts to follow messages: across cleanup, queue manager, clients and notifications, through a content filter on
 * loopback, and when a queue id is used again. What the log tells of a message only in part is given in part.
 */
export function createDeliveryTracker(state: TrackerState = { messages: [], sessions: [] }): DeliveryTracker {
  const messages = new Map(state.messages.map((message) => [message.queueId, followMessage(message)]));
  const sessions = createTlsSessions(state.sessions);
  const names = createMessageNames(state.messages);
  const held = createHeldDeliveries(state.held);
  const arrivals = createArrivals(state.arrivals);
  let settledAt = Number.NaN;
  let changed: FollowedMessage[] = [];
  /** Queue ids of messages that were kept and are not followed any more. */
  let gone: string[] = [];
  return {
    take(record, step = readMessageStep(record)) {
      if (step === null) return nothing;
      const { line, queueId } = step;
      if (line.kind === "tls") sessions.note(processOf(record), line);
      if (held.size === 0) return queueId === null ? nothing : follow(queueId, step);
      if (queueId !== null) held.takeReturned(queueId);
      const ended = queueId === null ? nothing : follow(queueId, step);
      return Math.abs(record.at - settledAt) < settleApartMs ? ended : [...settle(record.at), ...ended];
    },
    settle,
    readState: () => ({
      messages: [...messages.values()].map(keepMessage),
      sessions: sessions.read(),
      held: held.read(),
      arrivals: arrivals.read(),
    }),
    readChanges() {
      const changes: TrackerChanges = {
        messages: changed.filter(isFollowed).map(keepMessage),
        gone: gone.filter((id) => !messages.has(id)),
        sessions: sessions.read(),
        held: held.read(),
        arrivals: arrivals.read(),
      };
      for (const message of changed) {
        message.isChanged = false;
        message.isKept = true;
      }
      changed = [];
      gone = [];
      return changes;
    },
  };

  function isFollowed(message: FollowedMessage): boolean {
    return messages.get(message.queueId) === message;
  }

  function settle(at: number): readonly TrackedDelivery[] {
    settledAt = at;
    return held.settle(
      at,
      ({ messageId, queueId }) => messageId !== null && names.hasReturn(messageId, queueId),
    );
  }

  function follow(queueId: string, step: MessageStep): readonly TrackedDelivery[] {
    const { line } = step;
    const { at } = step.record;
    switch (line.kind) {
      case "received": {
        const message = begin(queueId, at);
        message.client = { name: line.client.name, address: line.client.address };
        message.saslUsername = line.saslUsername;
        message.originalQueueId = line.originalQueueId;
        arrivals.note(queueId, line.client.address);
        if (line.originalQueueId !== null) message.isNamed = true;
        adoptOrigin(message);
        return nothing;
      }
      case "picked-up": {
        const message = begin(queueId, at);
        message.from = line.from;
        message.isPickedUp = true;
        return nothing;
      }
      case "message-id": {
        const message = known(queueId, at);
        names.remove(message);
        message.messageId = keptMessageId(line.messageId);
        adoptOrigin(message);
        names.add(message);
        return nothing;
      }
      case "queued": {
        const message = known(queueId, at);
        message.from = line.from;
        message.sizeBytes = line.sizeBytes;
        disownList(message);
        return nothing;
      }
      case "notification": {
        const notification = known(sameInstance(queueId, line.notificationQueueId), at);
        notification.isNotification = true;
        return nothing;
      }
      case "delivery":
        return attempt(queueId, step, line);
      case "expired":
        return expire(queueId, at);
      case "refusal":
        if (isRefusedWhole(line)) forget(queueId);
        return nothing;
      case "removed":
      case "queue-action":
        if (line.kind === "removed" || line.action === "removed") forget(queueId);
        return nothing;
      default:
        return nothing;
    }
  }

  /** A queue id that is met at a door belongs to a new message, also where its last one was never seen to leave. */
  function begin(queueId: string, at: number): FollowedMessage {
    forget(queueId);
    return add(unknownMessage(queueId, at));
  }

  function forget(queueId: string): void {
    const message = messages.get(queueId);
    if (message === undefined) return;
    messages.delete(queueId);
    if (message.isKept) gone.push(queueId);
    names.remove(message);
  }

  function known(queueId: string, at: number): FollowedMessage {
    const there = messages.get(queueId);
    if (there === undefined) return add(unknownMessage(queueId, at));
    note(there);
    if (Math.abs(at - there.seenAt) >= seenApartMs) {
      there.seenAt = at;
      // Last in the map is youngest.
      messages.delete(queueId);
      messages.set(queueId, there);
    }
    return there;
  }

  function add(message: FollowedMessage): FollowedMessage {
    messages.set(message.queueId, message);
    note(message);
    if (messages.size > trackedMessagesMax) for (const oldest of firstOf(messages)) forget(oldest);
    return message;
  }

  function note(message: FollowedMessage): void {
    if (message.isChanged) return;
    message.isChanged = true;
    changed.push(message);
  }

  /** A content filter hands a message back over loopback under another queue id; its header still names it. */
  function adoptOrigin(message: FollowedMessage): void {
    if (message.originalQueueId === null) {
      if (message.client === null || !isLoopback(message.client.address) || !message.messageId) return;
      // Filters do not sign in.
      if (message.saslUsername !== null) return;
      message.originalQueueId = names.originOf(message.messageId) ?? null;
    }
    const origin = message.originalQueueId === null ? undefined : messages.get(message.originalQueueId);
    if (origin === undefined) return;
    origin.isHandedBack = true;
    note(origin);
    adoptFrom(message, origin);
  }

  /** A list, too, hands in the message that it was sent, but in a name of its own; a filter leaves the sender as it is. */
  function disownList(message: FollowedMessage): void {
    const origin = messages.get(message.originalQueueId ?? "");
    if (message.isNamed === true || origin === undefined || isOfSameSender(message, origin)) return;
    message.client = { name: "", address: arrivals.addressOf(bareQueueId(message.queueId)) ?? null };
    message.saslUsername = null;
    message.isNotification = false;
    message.originalQueueId = null;
  }

  function adoptFrom(message: FollowedMessage, origin: FollowedMessage): void {
    note(message);
    adopt(message, { ...origin, firstQueueId: origin.originalQueueId ?? origin.queueId });
  }

  /**
   * A program to which pipe(8) gave a message hands it back, mostly by sendmail(1), with the same Message-ID and for the same
   * recipient; to another recipient it is a forward, and both count.
   */
  function noteReturn(message: FollowedMessage, line: DeliveryLine, step: MessageStep): void {
    const { messageId, queueId, from } = message;
    const isFromHere = message.isPickedUp === true || isLoopback(message.client?.address ?? null);
    if (messageId === null || !(isFromHere || message.originalQueueId !== null)) return;
    // A port gave it back, and no program.
    if (message.isNamed === true) return;
    const { to, originalTo, relayName } = line;
    const back: Return = {
      queueId,
      // Postfix gives mail that came without one a name with the queue id in it (cleanup(8)).
      messageId: messageId.includes(bareQueueId(queueId)) ? "" : messageId,
      from,
      recipients: originalTo === null ? [to] : [to, originalTo],
      taker: step.daemon === "pipe" ? relayName : null,
      at: step.record.at,
    };
    const given = held.takeAgain(back);
    const isNameless = back.messageId === "";
    const known = isNameless
      ? names.nameless().find((id) => messages.get(id)?.from === from)
      : names.originOf(messageId);
    const origin = messages.get(known ?? "");
    if (given !== null) adopt(message, { ...given.delivery, client: given.client });
    else if (origin !== undefined && origin !== message) {
      held.noteEarly(back);
      if (isOfSameSender(message, origin)) adoptFrom(message, origin);
    }
  }

  function attempt(queueId: string, step: MessageStep, line: DeliveryLine): readonly TrackedDelivery[] {
    const { daemon, record } = step;
    const { at } = record;
    const message = known(queueId, at);
    // What goes on is known by the first attempt, however many it takes.
    if (!message.recipients.has(line.to)) noteReturn(message, line, step);
    // The mail goes on under the other id, and is counted there.
    if (isHandedOn(message, step, line)) return nothing;
    const recipient = message.recipients.get(line.to) ?? { attempts: 0, waiting: null };
    if (recipient.attempts === 0) message.recipients.set(line.to, recipient);
    recipient.attempts += 1;
    const { reply } = splitReply(line.reply);
    recipient.waiting =
      line.status === "deferred"
        ? { relayName: line.relay?.name ?? hostNamedIn(line.reply) ?? line.relayName, reply, dsn: line.dsn }
        : null;
    const session = line.relay === null ? null : sessions.of(processOf(record), queueId, line.relay.address);
    const delivery = describeAttempt({
      message,
      line,
      reply,
      at,
      attempt: recipient.attempts,
      session,
      daemon,
    });
    if (!mayComeBack(message, step, line)) return [delivery];
    return held.hold({ delivery, client: message.client, taker: line.relayName, returnsAs: queuedAs(line) });
  }

  /** Whether a program or another server behind a port of this host took a message that it may yet hand back. */
  function mayComeBack(message: FollowedMessage, { daemon }: MessageStep, line: DeliveryLine): boolean {
    if (line.status !== "sent") return false;
    if (daemon === "pipe") return Boolean(message.messageId) || message.from !== null;
    return isOfThisHost(line) && queuedAs(line) !== null;
  }

  /** Whether a filter took a message to hand it back: it names the new queue id, or the message came back before it answered. */
  function isHandedOn(message: FollowedMessage, { daemon }: MessageStep, line: DeliveryLine): boolean {
    if (line.status !== "sent") return false;
    const { relay, relayName, to } = line;
    if (daemon === "pipe") return held.takeEarly(message, to, relayName);
    if (relay === null) return false;
    const other = queuedAs(line);
    // A mailbox by LMTP may hand on a copy too, and has taken the message all the same.
    if (other === null)
      return message.isHandedBack === true && daemon === "smtp" && isLoopback(relay.address);
    const returned = messages.get(sameInstance(message.queueId, other));
    const cameFrom = arrivals.addressOf(other);
    if (isOfThisHost(line)) {
      held.dropEarly(other);
      if (returned !== undefined) adoptFrom(returned, message);
      if (returned !== undefined) returned.isNamed = true;
      return returned !== undefined || cameFrom !== undefined;
    }
    // A filter may listen on any address of this host: then the message that it gave back came from there, or is the same.
    if (cameFrom !== undefined && cameFrom !== null && cameFrom === relay.address) return true;
    return returned !== undefined && Boolean(message.messageId) && returned.messageId === message.messageId;
  }

  function expire(queueId: string, at: number): readonly TrackedDelivery[] {
    const message = known(queueId, at);
    const ended: TrackedDelivery[] = [];
    for (const [to, recipient] of message.recipients) {
      if (recipient.waiting === null) continue;
      const { relayName, dsn } = recipient.waiting;
      recipient.waiting = null;
      ended.push(describeExpiry({ message, to, at, attempt: recipient.attempts, relayName, dsn }));
    }
    return ended;
  }
}

/** As far as both envelope senders are known. */
function isOfSameSender({ from }: FollowedMessage, other: FollowedMessage): boolean {
  return from === null || other.from === null || from.toLowerCase() === other.from.toLowerCase();
}

/** Whether a port or a socket of this host took it. */
function isOfThisHost({ relay }: DeliveryLine): boolean {
  return relay !== null && (relay.socket !== null || isLoopback(relay.address));
}

/** The key that was put in first. */
function firstOf(map: ReadonlyMap<string, unknown>): readonly string[] {
  const { value, done } = map.keys().next();
  return done ? [] : [value];
}
