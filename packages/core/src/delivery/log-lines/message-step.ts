import { type DeliveryLine, parseDeliveryLine } from "./delivery-line.ts";
import { type LogRecord, postfixProgram } from "./log-record.ts";
import { parseQueueLine, type QueueLine } from "./queue-line.ts";
import { quickDelivery, quickMessageId, quickQueued, quickReceived, quickTlsSession } from "./quick-lines.ts";
import { hasQueueId } from "./scan.ts";
import {
  parseMessageReceivingLine,
  parseTlsSession,
  type ReceivedLine,
  type RefusalLine,
  type TlsSessionLine,
} from "./session-line.ts";

/** A line that tells of a message, or of the connection by which one comes or goes. */
export interface MessageStep {
  /** Null for a connection, and for what was refused before it had one. */
  readonly queueId: string | null;
  readonly line:
    | DeliveryLine
    | QueueLine
    | ReceivedLine
    | RefusalLine
    | TlsSessionLine
    | { readonly kind: "disconnected" };
  readonly daemon: string;
  readonly record: LogRecord;
}

/** Tells which process wrote a line, from others that run at the same time. */
export function processOf({ program, pid }: LogRecord): string {
  return `${program}[${pid}]`;
}

/**
 * Whether the words of a program, which begin at a place in a text, may tell of a message: those of other programs do not, nor
 * do the commonest of Postfix's that readMessageStep passes by.
 */
export function mayTellOfMessage(program: string, text: string, begin: number): boolean {
  if (postfixProgram(program) === null) return false;
  return !(
    text.startsWith("connect from ", begin) ||
    text.startsWith("statistics: ", begin) ||
    text.startsWith("lost connection after ", begin)
  );
}

/**
 * Reads what a line tells of a message; null for lines of other programs, and for the half of Postfix's that no
 * message's story needs, which are passed by at little cost.
 */
export function readMessageStep(record: LogRecord): MessageStep | null {
  const program = postfixProgram(record.program);
  if (program === null) return null;
  const { daemon, instance } = program;
  const line = parseMessageLine(daemon, record.message);
  if (line === null) return null;
  const id = "queueId" in line && line.queueId !== "NOQUEUE" ? line.queueId : null;
  // Instances of Postfix count their queue ids each for itself.
  const queueId = id === null || instance === "postfix" ? id : `${instance}/${id}`;
  return { queueId, line, daemon, record };
}

function parseMessageLine(daemon: string, message: string): MessageStep["line"] | null {
  const colon = message.indexOf(":");
  if (hasQueueId(message, colon)) return parseQueuedLine(daemon, message, colon);
  if (message.startsWith("disconnect from ")) return { kind: "disconnected" };
  return quickTlsSession(message) ?? (message.includes(" TLS connection ") ? parseTlsSession(message) : null);
}

/** Reads a line that begins with a queue id: as most are written, or by the grammar. */
function parseQueuedLine(daemon: string, message: string, colon: number): MessageStep["line"] | null {
  if (message.startsWith("to=", colon + 2))
    return quickDelivery(message, colon) ?? parseDeliveryLine(message);
  switch (daemon) {
    case "qmgr":
      return quickQueued(message, colon) ?? parseAnyLine(daemon, message);
    case "cleanup":
      return quickMessageId(message, colon) ?? parseAnyLine(daemon, message);
    default:
      return quickReceived(message, colon) ?? parseAnyLine(daemon, message);
  }
}

function parseAnyLine(daemon: string, message: string): MessageStep["line"] | null {
  return parseQueueLine(daemon, message) ?? parseMessageReceivingLine(message);
}
