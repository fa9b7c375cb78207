import { type Endpoint, parseEndpoint } from "./endpoint.ts";
import { queueIdPattern } from "./queue-id.ts";

/** How an attempt ended, in Postfix's words. */
export type DeliveryStatus = "sent" | "deferred" | "bounced" | "expired" | "undeliverable" | "deliverable";

/** Seconds that an attempt took, part by part. */
export interface DeliveryDelays {
  readonly beforeQueueManagerS: number;
  readonly inQueueManagerS: number;
  /** With names, connection and TLS. */
  readonly connectionS: number;
  readonly transmissionS: number;
}

/** One attempt for one recipient: the line that Postfix's clients (smtp, lmtp, local, virtual, pipe, error) log. */
export interface DeliveryLine {
  readonly kind: "delivery";
  readonly queueId: string;
  readonly to: string;
  readonly originalTo: string | null;
  /** Null where no host was reached: `relayName` then says `none`, or what delivered here. */
  readonly relay: Endpoint | null;
  readonly relayName: string;
  readonly connectionUse: number | null;
  readonly delayS: number;
  readonly delays: DeliveryDelays | null;
  /** What TLS was asked for and what became of it (Postfix 3.11), as `dane/requiretls`. */
  readonly tls: TlsOutcome | null;
  readonly dsn: string | null;
  readonly status: DeliveryStatus;
  readonly reply: string;
}

/** The level of TLS that a destination was to have. */
export interface TlsOutcome {
  readonly level: string;
  readonly isUndecided: boolean;
  readonly features: string | null;
}

const line = new RegExp(
  String.raw`^${queueIdPattern}: to=(<[^>]*>|\S+?), (?:orig_to=(<[^>]*>|\S+?), )?relay=(\S+?), (?:conn_use=(\d{1,9}), )?delay=(\d{1,9}(?:\.\d{1,9})?), (?:delays=([\d./]+), )?(?:tls=(\S+?), )?(?:dsn=([\d.]{1,20}), )?status=([a-z]+)(?: \((.*))?$`,
  "s",
);

/** Reads an attempt's line; null for any other. */
export function parseDeliveryLine(message: string): DeliveryLine | null {
  const found = line.exec(message);
  if (found === null) return null;
  const [
    ,
    queueId = "",
    to = "",
    originalTo,
    relayName = "",
    uses,
    delay,
    delays,
    tls,
    dsn,
    status = "",
    reply = "",
  ] = found;
  if (!isDeliveryStatus(status)) return null;
  return {
    kind: "delivery",
    queueId,
    to: bare(to),
    originalTo: originalTo === undefined ? null : bare(originalTo),
    relay: parseEndpoint(relayName),
    relayName,
    connectionUse: uses === undefined ? null : Number(uses),
    delayS: Number(delay),
    delays: delays === undefined ? null : parseDelays(delays),
    tls: tls === undefined ? null : parseTlsOutcome(tls),
    dsn: dsn ?? null,
    status,
    // syslog cuts long lines, and the bracket at their end with them.
    reply: reply.endsWith(")") ? reply.slice(0, -1) : reply,
  };
}

/** Reads `0.2/0.02/0.04/3.3` (delay_logging_resolution_limit); null for another number of parts. */
export function parseDelays(text: string): DeliveryDelays | null {
  const [before, inside, connection, transmission, more] = text.split("/").map(Number);
  if (before === undefined || inside === undefined || connection === undefined) return null;
  if (transmission === undefined || more !== undefined) return null;
  return {
    beforeQueueManagerS: before,
    inQueueManagerS: inside,
    connectionS: connection,
    transmissionS: transmission,
  };
}

/** Reads `may?` or `dane/requiretls`. */
export function parseTlsOutcome(text: string): TlsOutcome {
  const [, level = "", mark, features] = /^([a-z-]+)(\?)?(?:\/(.+))?$/.exec(text) ?? [];
  return { level, isUndecided: mark !== undefined, features: features ?? null };
}

const statuses: ReadonlySet<string> = new Set<DeliveryStatus>([
  "sent",
  "deferred",
  "bounced",
  "expired",
  "undeliverable",
  "deliverable",
]);

export function isDeliveryStatus(word: string): word is DeliveryStatus {
  return statuses.has(word);
}

const bare = (address: string): string => (address.startsWith("<") ? address.slice(1, -1) : address);
