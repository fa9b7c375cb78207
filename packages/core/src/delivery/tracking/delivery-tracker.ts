import { splitReply } from "../log-lines/client-line.ts";
import type { DeliveryLine } from "../log-lines/delivery-line.ts";
import { type LogRecord, postfixProgram } from "../log-lines/log-record.ts";
import { type PostfixLine, parsePostfixLine } from "../log-lines/postfix-line.ts";
import type { TlsLine } from "../log-lines/session-line.ts";
import { describeAttempt, queuedAs } from "./describe-attempt.ts";
import type { TrackedDelivery } from "./tracked-delivery.ts";
import { copyMessage, isLoopback, type TrackedMessage, unknownMessage } from "./tracked-message.ts";

/** What a tracker knows, as plain data: kept beside the log's cursor, so that both go on from the same line. */
export interface TrackerState {
  readonly messages: readonly TrackedMessage[];
  readonly sessions: readonly (readonly [process: string, session: TlsSession])[];
}

/** The TLS session that a process of Postfix holds. */
export interface TlsSession {
  readonly address: string | null;
  readonly version: string;
  readonly trust: TlsLine["trust"];
}

/** What is other than when it was last read: enough to keep a state that lies elsewhere in step. */
export interface TrackerChanges {
  readonly messages: readonly TrackedMessage[];
  /** Queue ids of messages that are not followed any more. */
  readonly gone: readonly string[];
  readonly sessions: TrackerState["sessions"];
}

/** Follows messages through the log of one host. */
export interface DeliveryTracker {
  /** Takes the next line, and gives the attempts that end with it. Lines of other programs pass by. */
  take(record: LogRecord): readonly TrackedDelivery[];
  readState(): TrackerState;
  /** What changed since this was last called, at a cost that grows with the changes and not with the queue. */
  readChanges(): TrackerChanges;
}

/** Most messages that are kept in mind; past it the ones that were silent for longest are given up. */
export const trackedMessagesMax = 20_000;

// A process talks to one receiver at a time; Postfix replaces each after a hundred uses (max_use).
const sessionsMax = 500;

/**
 * Starts to follow messages: across cleanup, queue manager, clients and notifications, through a content filter on
 * loopback, and when a queue id is used again. What the log tells of a message only in part is given in part.
 */
export function createDeliveryTracker(state: TrackerState = { messages: [], sessions: [] }): DeliveryTracker {
  const messages = new Map(state.messages.map((message) => [message.queueId, copyMessage(message)]));
  const sessions = new Map(state.sessions);
  let touched = new Set<string>();
  return {
    take(record) {
      const program = postfixProgram(record.program);
      if (program === null) return [];
      const line = parsePostfixLine(program.daemon, record.message);
      if (line === null) return [];
      const process = `${record.program}[${record.pid}]`;
      if (line.kind === "tls") return noteSession(process, line);
      const id = "queueId" in line && line.queueId !== null ? line.queueId : null;
      if (id === null || id === "NOQUEUE") return [];
      // Instances of Postfix count their queue ids each for itself.
      const queueId = program.instance === "postfix" ? id : `${program.instance}/${id}`;
      return follow({ queueId, line, at: record.at, process, daemon: program.daemon });
    },
    readState: () => ({
      messages: [...messages.values()].map(copyMessage),
      sessions: [...sessions],
    }),
    readChanges() {
      const ids = [...touched];
      touched = new Set();
      return {
        messages: ids.flatMap((id) => {
          const message = messages.get(id);
          return message === undefined ? [] : [copyMessage(message)];
        }),
        gone: ids.filter((id) => !messages.has(id)),
        sessions: [...sessions],
      };
    },
  };

  function noteSession(process: string, line: TlsLine): readonly TrackedDelivery[] {
    if (line.direction === "to") {
      sessions.delete(process);
      sessions.set(process, { address: line.peer.address, version: line.version, trust: line.trust });
      dropOldest(sessions, sessionsMax);
    }
    return [];
  }

  function follow(step: Step): readonly TrackedDelivery[] {
    const { queueId, line, at } = step;
    switch (line.kind) {
      case "received": {
        const message = begin(queueId, at);
        message.client = { name: line.client.name, address: line.client.address };
        message.saslUsername = line.saslUsername;
        message.originalQueueId = line.originalQueueId;
        return [];
      }
      case "picked-up":
        begin(queueId, at).from = line.from;
        return [];
      case "message-id": {
        const message = known(queueId, at);
        message.messageId = line.messageId;
        adoptOrigin(message);
        return [];
      }
      case "queued": {
        const message = known(queueId, at);
        message.from = line.from;
        message.sizeBytes = line.sizeBytes;
        return [];
      }
      case "notification": {
        const notification = known(sameInstance(queueId, line.notificationQueueId), at);
        notification.isNotification = true;
        return [];
      }
      case "delivery":
        return attempt(step, line);
      case "expired":
        return expire(step);
      case "removed":
      case "queue-action":
        if (line.kind === "removed" || line.action === "removed") forget(queueId);
        return [];
      default:
        return [];
    }
  }

  /** A queue id that is met at a door belongs to a new message, also where its last one was never seen to leave. */
  function begin(queueId: string, at: number): TrackedMessage {
    forget(queueId);
    return known(queueId, at);
  }

  function forget(queueId: string): void {
    if (messages.delete(queueId)) touched.add(queueId);
  }

  function known(queueId: string, at: number): TrackedMessage {
    const message = messages.get(queueId) ?? unknownMessage(queueId, at);
    message.seenAt = at;
    // Last in the map is youngest.
    messages.delete(queueId);
    messages.set(queueId, message);
    touched.add(queueId);
    for (const dropped of dropOldest(messages, trackedMessagesMax)) touched.add(dropped);
    return message;
  }

  /** A content filter hands a message back over loopback under another queue id; its header still names it. */
  function adoptOrigin(message: TrackedMessage): void {
    if (message.originalQueueId === null) {
      if (message.client === null || !isLoopback(message.client.address) || !message.messageId) return;
      for (const candidate of messages.values())
        if (candidate !== message && candidate.messageId === message.messageId)
          message.originalQueueId = candidate.queueId;
    }
    const origin = message.originalQueueId === null ? undefined : messages.get(message.originalQueueId);
    if (origin === undefined) return;
    message.client = origin.client;
    message.saslUsername = origin.saslUsername;
    message.isNotification = origin.isNotification;
    message.originalQueueId = origin.originalQueueId ?? origin.queueId;
  }

  function attempt({ queueId, at, process, daemon }: Step, line: DeliveryLine): readonly TrackedDelivery[] {
    const message = known(queueId, at);
    // The mail goes on under the other id, and is counted there.
    if (isHandedOn(queueId, line)) return [];
    const count = (message.attempts[line.to] ?? 0) + 1;
    message.attempts[line.to] = count;
    const { reply } = splitReply(line.reply);
    if (line.status === "deferred")
      message.waiting[line.to] = { relayName: line.relayName, reply, dsn: line.dsn };
    else delete message.waiting[line.to];
    const session = sessions.get(process);
    const isOverTls = session !== undefined && line.relay !== null && session.address === line.relay.address;
    return [
      describeAttempt({ message, line, at, attempt: count, session: isOverTls ? session : null, daemon }),
    ];
  }

  /** A filter may listen on any address of this host: then the message that it gave back came from there. */
  function isHandedOn(queueId: string, line: DeliveryLine): boolean {
    const other = queuedAs(line);
    if (other === null || line.relay === null) return false;
    const client = messages.get(sameInstance(queueId, other))?.client;
    return isLoopback(line.relay.address) || (client != null && client.address === line.relay.address);
  }

  function expire({ queueId, at }: Step): readonly TrackedDelivery[] {
    const message = known(queueId, at);
    const ended = Object.entries(message.waiting);
    message.waiting = {};
    return ended.map(([to, { relayName, dsn }]) =>
      describeAttempt({
        message,
        at,
        attempt: message.attempts[to] ?? 1,
        session: null,
        daemon: "qmgr",
        line: {
          kind: "delivery",
          queueId: message.queueId,
          to,
          originalTo: null,
          relay: null,
          relayName,
          connectionUse: null,
          delayS: 0,
          delays: null,
          tls: null,
          dsn,
          status: "expired",
          reply: "expired, returned to sender",
        },
      }),
    );
  }
}

interface Step {
  readonly queueId: string;
  readonly line: PostfixLine;
  readonly at: number;
  /** Program and pid. */
  readonly process: string;
  readonly daemon: string;
}

function sameInstance(queueId: string, other: string): string {
  const slash = queueId.lastIndexOf("/");
  return slash < 0 ? other : `${queueId.slice(0, slash + 1)}${other}`;
}

/** Gives the keys of what was dropped. */
function dropOldest(map: Map<string, unknown>, max: number): readonly string[] {
  const dropped: string[] = [];
  for (const key of map.keys()) {
    if (map.size <= max) break;
    map.delete(key);
    dropped.push(key);
  }
  return dropped;
}
