import { type DeliveryLine, parseDeliveryLine } from "./delivery-line.ts";
import { type LogRecord, postfixProgram } from "./log-record.ts";
import { parseQueueLine, type QueueLine } from "./queue-line.ts";
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

const queueIdLengths = { min: 5, max: 24 };

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
  const colon = message.indexOf(": ");
  if (colon >= queueIdLengths.min && colon <= queueIdLengths.max)
    return message.startsWith("to=", colon + 2)
      ? parseDeliveryLine(message)
      : (parseQueueLine(daemon, message) ?? parseMessageReceivingLine(message));
  if (message.startsWith("disconnect from ")) return { kind: "disconnected" };
  return parseTlsSession(message);
}
