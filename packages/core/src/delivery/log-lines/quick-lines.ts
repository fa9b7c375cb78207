// The lines that most of a log is made of, read without patterns: several times as fast, and each by the same rules as its
// grammar beside it (delivery-line.ts, queue-line.ts, session-line.ts). What is written in any other way is left to the
// grammar, so null says nothing of a line but that.

import {
  type DeliveryDelays,
  type DeliveryLine,
  isDeliveryStatus,
  parseTlsOutcome,
} from "./delivery-line.ts";
import { type Endpoint, parseEndpoint } from "./endpoint.ts";
import { readValue } from "./key-values.ts";
import type { QueueLine } from "./queue-line.ts";
import { endOfDigits, isAddress, isCount, isDecimal, isPlainWord } from "./scan.ts";
import { queueIdIn, type ReceivedLine, type TlsSessionLine } from "./session-line.ts";

/**
 * `ID: to=<recipient>, [orig_to=<recipient>, ]relay=HOST, [conn_use=N, ]delay=S, [delays=S/S/S/S, ][tls=LEVEL, ][dsn=X.Y.Z, ]status=WORD (REPLY)`
 * The queue id ends at `colon`.
 */
export function quickDelivery(message: string, colon: number): DeliveryLine | null {
  let at = colon + 2;
  if (!message.startsWith("to=<", at)) return null;
  let end = message.indexOf(">", at);
  if (end < 0) return null;
  const to = message.slice(at + 4, end);
  at = end + 1;
  let originalTo: string | null = null;
  if (message.startsWith(", orig_to=<", at)) {
    end = message.indexOf(">", at);
    if (end < 0) return null;
    originalTo = message.slice(at + 11, end);
    at = end + 1;
  }
  if (!message.startsWith(", relay=", at)) return null;
  at += 8;
  end = message.indexOf(",", at);
  if (!isPlainWord(message, at, end)) return null;
  const relayName = message.slice(at, end);
  at = end;
  let connectionUse: number | null = null;
  if (message.startsWith(", conn_use=", at)) {
    end = message.indexOf(",", at + 1);
    if (!isCount(message, at + 11, end)) return null;
    connectionUse = Number(message.slice(at + 11, end));
    at = end;
  }
  if (!message.startsWith(", delay=", at)) return null;
  end = message.indexOf(",", at + 1);
  if (!isDecimal(message, at + 8, end)) return null;
  const delayS = Number(message.slice(at + 8, end));
  at = end;
  let delays: DeliveryDelays | null = null;
  if (message.startsWith(", delays=", at)) {
    end = message.indexOf(",", at + 1);
    delays = quickDelays(message, at + 9, end);
    if (delays === null) return null;
    at = end;
  }
  let tls: DeliveryLine["tls"] = null;
  if (message.startsWith(", tls=", at)) {
    end = message.indexOf(",", at + 1);
    if (!isPlainWord(message, at + 6, end)) return null;
    tls = parseTlsOutcome(message.slice(at + 6, end));
    at = end;
  }
  let dsn: string | null = null;
  if (message.startsWith(", dsn=", at)) {
    end = message.indexOf(",", at + 1);
    if (!isStatusCode(message, at + 6, end)) return null;
    dsn = message.slice(at + 6, end);
    at = end;
  }
  if (!message.startsWith(", status=", at)) return null;
  end = message.indexOf(" (", at + 9);
  if (end < 0) return null;
  const status = message.slice(at + 9, end);
  if (!isDeliveryStatus(status)) return null;
  // syslog cuts long lines, and the bracket at their end with them.
  const replyEnd = message.endsWith(")") && message.length > end + 2 ? message.length - 1 : message.length;
  return {
    kind: "delivery",
    queueId: message.slice(0, colon),
    to,
    originalTo,
    relay: knownEndpoint(relayName),
    relayName,
    connectionUse,
    delayS,
    delays,
    tls,
    dsn,
    status,
    reply: message.slice(end + 2, replyEnd),
  };
}

/** `0.2/0.02/0.04/3.3` */
function quickDelays(text: string, begin: number, end: number): DeliveryDelays | null {
  const first = text.indexOf("/", begin);
  const second = text.indexOf("/", first + 1);
  const third = text.indexOf("/", second + 1);
  if (first < 0 || second < first || third < second || third >= end) return null;
  if (!isDecimal(text, begin, first) || !isDecimal(text, first + 1, second)) return null;
  if (!isDecimal(text, second + 1, third) || !isDecimal(text, third + 1, end)) return null;
  return {
    beforeQueueManagerS: Number(text.slice(begin, first)),
    inQueueManagerS: Number(text.slice(first + 1, second)),
    connectionS: Number(text.slice(second + 1, third)),
    transmissionS: Number(text.slice(third + 1, end)),
  };
}

/** Digits and points, twenty at most. */
function isStatusCode(text: string, begin: number, end: number): boolean {
  if (end <= begin || end - begin > 20) return false;
  for (let at = begin; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (code !== 0x2e && (code < 0x30 || code > 0x39)) return false;
  }
  return true;
}

const endpointsMax = 500;
const endpointTextMax = 300;
const endpoints = new Map<string, Endpoint | null>();

/** A host sends to the same few again and again. */
function knownEndpoint(text: string): Endpoint | null {
  const known = endpoints.get(text);
  if (known !== undefined) return known;
  // Of its own: what is cut out of a line would hold the line.
  const own = ownCopy(text);
  const endpoint = parseEndpoint(own);
  if (own.length > endpointTextMax) return endpoint;
  if (endpoints.size >= endpointsMax) endpoints.clear();
  endpoints.set(own, endpoint);
  return endpoint;
}

const ownCopy = (text: string): string => JSON.parse(JSON.stringify(text)) as string;

/** `ID: message-id=<ID>`, as cleanup says it. */
export function quickMessageId(message: string, colon: number): QueueLine | null {
  if (!message.startsWith("message-id=<", colon + 2)) return null;
  const end = message.indexOf(">", colon + 14);
  if (end !== message.length - 1) return null;
  return {
    kind: "message-id",
    queueId: message.slice(0, colon),
    messageId: message.slice(colon + 14, end),
    isResent: false,
  };
}

/** `ID: removed` and `ID: from=<sender>, size=N, nrcpt=N (queue active)`, as the queue manager says them. */
export function quickQueued(message: string, colon: number): QueueLine | null {
  const begin = colon + 2;
  if (message.startsWith("removed", begin))
    return message.length === begin + 7 ? { kind: "removed", queueId: message.slice(0, colon) } : null;
  if (!message.startsWith("from=<", begin)) return null;
  const from = message.indexOf(">, size=", begin);
  const size = endOfDigits(message, from + 8);
  if (from < 0 || !isCount(message, from + 8, size) || !message.startsWith(", nrcpt=", size)) return null;
  const recipients = endOfDigits(message, size + 8);
  if (!isCount(message, size + 8, recipients)) return null;
  if (message.length !== recipients + 15 || !message.endsWith(" (queue active)")) return null;
  return {
    kind: "queued",
    queueId: message.slice(0, colon),
    from: message.slice(begin + 6, from),
    sizeBytes: Number(message.slice(from + 8, size)),
    recipientCount: Number(message.slice(size + 8, recipients)),
  };
}

/** `ID: client=HOST[, key=value...]` */
export function quickReceived(message: string, colon: number): ReceivedLine | null {
  const begin = colon + 9;
  if (!message.startsWith("client=", colon + 2)) return null;
  const end = endOfEndpoint(message, begin);
  if (end < 0) return null;
  const isWhole = end === message.length;
  if (!isWhole && !message.startsWith(", ", end)) return null;
  const more = isWhole ? "" : message.slice(end + 2);
  return {
    kind: "received",
    queueId: message.slice(0, colon),
    client: endpointAt(message, begin, end),
    saslUsername: isWhole ? null : readValue(more, "sasl_username="),
    saslMethod: isWhole ? null : readValue(more, "sasl_method="),
    originalQueueId: isWhole ? null : queueIdIn(readValue(more, "orig_queue_id=")),
  };
}

const established = " TLS connection established ";

/** `Trusted TLS connection established to HOST: VERSION with cipher ...` */
export function quickTlsSession(message: string): TlsSessionLine | null {
  const trust = trustAt(message);
  if (trust === null || !message.startsWith(established, trust.length)) return null;
  const at = trust.length + established.length;
  const direction = message.startsWith("to ", at) ? "to" : message.startsWith("from ", at) ? "from" : null;
  if (direction === null) return null;
  const begin = at + direction.length + 1;
  const end = endOfEndpoint(message, begin);
  if (end < 0 || !message.startsWith(": ", end)) return null;
  const versionEnd = message.indexOf(" ", end + 2);
  if (versionEnd - end > 22 || !isPlainWord(message, end + 2, versionEnd)) return null;
  return {
    kind: "tls",
    direction,
    trust,
    peer: endpointAt(message, begin, end),
    version: message.slice(end + 2, versionEnd),
  };
}

function trustAt(message: string): TlsSessionLine["trust"] | null {
  if (message.startsWith("Trusted")) return "Trusted";
  if (message.startsWith("Anonymous")) return "Anonymous";
  if (message.startsWith("Verified")) return "Verified";
  return message.startsWith("Untrusted") ? "Untrusted" : null;
}

/** Where `NAME[ADDRESS]` or `NAME[ADDRESS]:PORT` ends; below zero where none that is written so begins there. */
function endOfEndpoint(text: string, begin: number): number {
  const open = text.indexOf("[", begin);
  const close = text.indexOf("]", open);
  if (open < begin || !isAddress(text, open + 1, close)) return -1;
  if (open > begin && (!isPlainWord(text, begin, open) || text.lastIndexOf("]", open) >= begin)) return -1;
  if (text.charCodeAt(close + 1) !== 0x3a) return close + 1;
  const end = endOfDigits(text, close + 2);
  // A colon without a number is one of the line's own.
  if (end === close + 2) return close + 1;
  return end - close <= 7 ? end : -1;
}

function endpointAt(text: string, begin: number, end: number): Endpoint {
  const open = text.indexOf("[", begin);
  const close = text.indexOf("]", open);
  return {
    name: text.slice(begin, open),
    address: text.slice(open + 1, close),
    socket: null,
    port: end === close + 1 ? null : Number(text.slice(close + 2, end)),
  };
}
