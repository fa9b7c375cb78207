import { type ClientLine, parseClientLine } from "./client-line.ts";
import { type DeliveryLine, parseDeliveryLine } from "./delivery-line.ts";
import { type HouseLine, parseHouseLine } from "./house-line.ts";
import { parseQueueLine, type QueueLine } from "./queue-line.ts";
import { parseReceivingLine, parseTlsLine, type ReceivingLine, type TlsLine } from "./session-line.ts";

/** A line of Postfix's log, by what it tells. */
export type PostfixLine = DeliveryLine | QueueLine | ReceivingLine | TlsLine | ClientLine | HouseLine;

/** Reads what a daemon of Postfix logged; null for a line that tells nothing we know. */
export function parsePostfixLine(daemon: string, message: string): PostfixLine | null {
  return (
    parseDeliveryLine(message) ??
    parseQueueLine(daemon, message) ??
    parseTlsLine(message) ??
    parseReceivingLine(message) ??
    parseClientLine(message) ??
    parseHouseLine(message)
  );
}
