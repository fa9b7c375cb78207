import { classifyReply } from "../classify-reply.ts";
import { splitReply } from "../log-lines/client-line.ts";
import type { DeliveryLine } from "../log-lines/delivery-line.ts";
import { providerOfHost } from "../provider.ts";
import type { TlsSession } from "./delivery-tracker.ts";
import type { DeliveryDirection, TrackedDelivery } from "./tracked-delivery.ts";
import { isLoopback, type TrackedMessage } from "./tracked-message.ts";

const otherId = /\bqueued as ([0-9A-Za-z]+)\)?$/;

/** The queue id under which whoever took the message keeps it, as Postfix says it; null where none is told. */
export function queuedAs({ relay, status, reply }: DeliveryLine): string | null {
  return status === "sent" && relay !== null ? (otherId.exec(reply)?.[1] ?? null) : null;
}

/** Joins an attempt's line with what is known of its message. */
export function describeAttempt({
  message,
  line,
  at,
  attempt,
  session,
  daemon,
}: {
  message: TrackedMessage;
  line: DeliveryLine;
  at: number;
  attempt: number;
  session: TlsSession | null;
  /** Which of Postfix's clients made it. */
  daemon: string;
}): TrackedDelivery {
  const { reply } = splitReply(line.reply);
  const relay =
    line.relay === null
      ? null
      : { name: line.relay.name, address: line.relay.address, port: line.relay.port };
  const provider = relay === null ? null : providerOfHost(relay.name);
  return {
    at,
    direction: directionOf(message, line, daemon),
    queueId: message.queueId,
    firstQueueId: message.originalQueueId ?? message.queueId,
    messageId: message.messageId,
    from: message.from,
    to: line.to,
    sizeBytes: message.sizeBytes,
    saslUsername: message.saslUsername,
    clientAddress: message.client?.address ?? null,
    isNotification: message.isNotification,
    relay,
    provider,
    status: line.status,
    attempt,
    delayS: line.delayS,
    delays: line.delays,
    tls: session === null ? null : { version: session.version, trust: session.trust },
    dsn: line.dsn,
    reply,
    verdict:
      line.status === "sent" || line.status === "deliverable"
        ? null
        : classifyReply(withDsn(line, reply), provider),
  };
}

/** Postfix's own findings carry their status code outside of the text. */
export function withDsn({ dsn }: DeliveryLine, reply: string): string {
  return dsn === null || /^[245]\d\d[ -]/.test(reply) ? reply : `${dsn} ${reply}`;
}

function directionOf(message: TrackedMessage, { relay }: DeliveryLine, daemon: string): DeliveryDirection {
  const stays =
    ["lmtp", "local", "virtual", "pipe"].includes(daemon) ||
    (relay !== null && (relay.socket !== null || isLoopback(relay.address)));
  if (!stays) return "outbound";
  const isFromHere =
    message.isNotification ||
    message.saslUsername !== null ||
    message.client === null ||
    isLoopback(message.client.address);
  return isFromHere ? "internal" : "inbound";
}
