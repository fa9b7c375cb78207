import {
  classifyReply,
  type DeliveryLine,
  isLoopback,
  isRefusedWhole,
  type LogRecord,
  type MessageStep,
  processOf,
  providerOfHost,
  type QueueAction,
  queuedAs,
  type RefusalLine,
  readMessageStep,
  splitReply,
  withDsn,
} from "../delivery/index.ts";
import { cutText, storableText } from "../text/index.ts";
import { type TraceEvent, type TraceFacts, traceTextMax } from "./traced-message.ts";

/** What was logged of one message since it was last read: added to what is kept of it already. */
export interface TraceChange {
  /** Null for mail that was refused before it had one. */
  readonly queueId: string | null;
  /** A new message, whatever is kept under its queue id; else it goes on with the one that is, where one is. */
  readonly begins: boolean;
  /** Milliseconds since 1970, of its first line here. */
  readonly at: number;
  readonly facts: Partial<TraceFacts>;
  readonly events: TraceEvent[];
  endedAt: number | null;
}

/** TLS sessions that are open, by the process that holds each. */
export type TraceSessions = readonly (readonly [
  process: string,
  session: { readonly address: string | null; readonly version: string },
])[];

/** Puts together, out of a host's log, what becomes of each message. */
export interface TraceRecorder {
  /** Takes the next line; `step` is what it tells, where the caller has read it already. */
  take(record: LogRecord, step?: MessageStep | null): void;
  /** What was taken since this was last called, in the order in which the messages began or went on. */
  readChanges(): { readonly changes: readonly TraceChange[]; readonly sessions: TraceSessions };
}

// A process serves one client at a time, and Postfix replaces each after a hundred.
const sessionsMax = 500;

/** Starts with the sessions that were open when the log was last read. */
export function createTraceRecorder(openSessions: TraceSessions = []): TraceRecorder {
  const sessions = new Map(openSessions);
  let changes: TraceChange[] = [];
  let current = new Map<string, TraceChange>();

  /** Goes on with a message, or begins one: at the door, where a queue id belongs to a new message. */
  function open(queueId: string, at: number, begins: boolean): TraceChange {
    const change: TraceChange = { queueId, begins, at, facts: {}, events: [], endedAt: null };
    changes.push(change);
    current.set(queueId, change);
    return change;
  }

  const begin = (queueId: string, at: number) => open(queueId, at, true);
  const known = (queueId: string, at: number) => current.get(queueId) ?? open(queueId, at, false);

  function tlsOf(record: LogRecord, address: string | null): string | null {
    const session = sessions.get(processOf(record));
    return session !== undefined && address !== null && session.address === address ? session.version : null;
  }

  function follow(queueId: string, { line, daemon, record }: MessageStep): void {
    const { at } = record;
    switch (line.kind) {
      case "received":
        Object.assign(begin(queueId, at).facts, {
          client: { name: cut(line.client.name, "name"), address: line.client.address },
          saslUsername: line.saslUsername === null ? null : cut(line.saslUsername, "address"),
          originalQueueId: line.originalQueueId,
          tlsVersion: tlsOf(record, line.client.address),
        } satisfies Partial<TraceFacts>);
        return;
      case "picked-up":
        Object.assign(begin(queueId, at).facts, { from: cut(line.from, "address"), isLocal: true });
        return;
      case "message-id":
        known(queueId, at).facts.messageId = cut(line.messageId, "reply");
        return;
      case "queued": {
        const { facts } = known(queueId, at);
        facts.from = cut(line.from, "address");
        facts.sizeBytes = line.sizeBytes;
        facts.recipientCount = line.recipientCount;
        return;
      }
      case "notification": {
        const { to, about, notificationQueueId } = line;
        known(queueId, at).events.push({ kind: "notified", at, to, about, queueId: notificationQueueId });
        return;
      }
      case "delivery":
        known(queueId, at).events.push(
          describeAttempt(line, { at, daemon, tlsVersion: tlsOf(record, line.relay?.address ?? null) }),
        );
        return;
      case "expired":
        known(queueId, at).events.push({ kind: "expired", at });
        return;
      case "removed":
        end(known(queueId, at), at);
        return;
      case "queue-action":
        noteAction(known(queueId, at), line.action, at);
        return;
      default:
        return;
    }
  }

  function end(change: TraceChange, at: number): void {
    change.endedAt = at;
    if (change.queueId !== null) current.delete(change.queueId);
  }

  function noteAction(change: TraceChange, action: QueueAction, at: number): void {
    const handled = handledBy[action];
    if (handled === null) change.events.push({ kind: "expired", at });
    else change.events.push({ kind: "handled", at, action: handled });
    if (handled === "deleted") end(change, at);
  }

  function refuse(queueId: string | null, line: RefusalLine, at: number): void {
    const { action, stage, code, enhanced, about, envelope } = line;
    const isHeld = /hold$/.test(action);
    if (!isHeld && !/reject$|discard$/.test(action)) return;
    const change: TraceChange =
      queueId === null
        ? { queueId: null, begins: true, at, facts: {}, events: [], endedAt: at }
        : known(queueId, at);
    if (queueId === null) changes.push(change);
    if (envelope.from !== null) change.facts.from = cut(envelope.from, "address");
    if (queueId === null)
      change.facts.client = { name: cut(line.client.name, "name"), address: line.client.address };
    if (isHeld) {
      change.events.push({ kind: "handled", at, action: "held" });
      return;
    }
    change.events.push({
      kind: "refused",
      at,
      action: action.slice(0, 40),
      stage: stage.slice(0, 40),
      code,
      dsn: enhanced,
      reason: cut(about === null ? line.reason : `<${about}>: ${line.reason}`, "reply"),
      to: envelope.to === null ? null : cut(envelope.to, "address"),
    });
    if (queueId !== null && isRefusedWhole(line)) end(change, at);
  }

  return {
    take(record, step = readMessageStep(record)) {
      if (step === null) return;
      const { line, queueId } = step;
      if (line.kind === "tls") {
        const process = processOf(record);
        sessions.delete(process);
        sessions.set(process, { address: line.peer.address, version: line.version });
        for (const key of sessions.keys()) {
          if (sessions.size <= sessionsMax) break;
          sessions.delete(key);
        }
      } else if (line.kind === "disconnected") sessions.delete(processOf(record));
      else if (line.kind === "refusal") refuse(queueId, line, record.at);
      else if (queueId !== null) follow(queueId, step);
    },
    readChanges() {
      const read = { changes, sessions: [...sessions] };
      changes = [];
      current = new Map();
      return read;
    },
  };
}

const handledBy: Record<QueueAction, Extract<TraceEvent, { kind: "handled" }>["action"] | null> = {
  removed: "deleted",
  requeued: "requeued",
  "placed on hold": "held",
  "released from hold": "released",
  expired: null,
  "expired and released from hold": null,
};

function describeAttempt(
  line: DeliveryLine,
  { at, daemon, tlsVersion }: { at: number; daemon: string; tlsVersion: string | null },
): TraceEvent {
  const { reply } = splitReply(line.reply);
  const { relay, status } = line;
  const provider = relay === null ? null : providerOfHost(relay.name);
  const isHere =
    ["lmtp", "local", "virtual", "pipe"].includes(daemon) ||
    (relay !== null && (relay.socket !== null || isLoopback(relay.address)));
  return {
    kind: "attempt",
    at,
    to: cut(line.to, "address"),
    originalTo: line.originalTo === null ? null : cut(line.originalTo, "address"),
    relay: relay === null ? null : { name: cut(relay.name, "name"), address: relay.address },
    isHere,
    status,
    dsn: line.dsn,
    reply: cut(reply, "reply"),
    delayS: line.delayS,
    tlsVersion,
    provider,
    category:
      status === "sent" || status === "deliverable"
        ? null
        : classifyReply(withDsn(line, reply), provider).category,
    handedOnAs: isHere && isLoopback(relay?.address ?? null) ? queuedAs(line) : null,
  };
}

function cut(text: string, what: keyof typeof traceTextMax): string {
  return storableText(text.length <= traceTextMax[what] ? text : `${cutText(text, traceTextMax[what] - 1)}…`);
}
