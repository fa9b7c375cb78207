import { classifyReply } from "../classify-reply.ts";
import { hostNamedIn } from "../log-lines/client-line.ts";
import type { DeliveryLine } from "../log-lines/delivery-line.ts";
import { providerOfHost } from "../provider.ts";
import type { TlsSession } from "./tls-sessions.ts";
import type { DeliveryDirection, TrackedDelivery } from "./tracked-delivery.ts";
import { type FollowedMessage, isLoopback } from "./tracked-message.ts";

const queued = "queued as ";
const localDaemons: ReadonlySet<string> = new Set(["lmtp", "local", "virtual", "pipe"]);
const codeFirst = /^[245]\d\d[ -]/;
/** What amavis says of mail that it takes and drops. */
const discarded = /^250 2\.7\.[01] .*\bdiscarded\b/i;
const otherId = /^([0-9A-Za-z]{1,40})\)?$/;

/** The queue id under which whoever took the message keeps it, as Postfix says it; null where none is told. */
export function queuedAs({ relay, status, reply }: DeliveryLine): string | null {
  const at = status === "sent" && relay !== null ? reply.lastIndexOf(queued) : -1;
  return at < 0 ? null : (otherId.exec(reply.slice(at + queued.length))?.[1] ?? null);
}

/** Joins an attempt's line with what is known of its message. */
export function describeAttempt({
  message,
  line,
  reply,
  at,
  attempt,
  session,
  daemon,
}: {
  message: FollowedMessage;
  line: DeliveryLine;
  /** What the line quotes. */
  reply: string;
  at: number;
  attempt: number;
  session: TlsSession | null;
  /** Which of Postfix's clients made it. */
  daemon: string;
}): TrackedDelivery {
  const relay =
    line.relay === null
      ? null
      : { name: line.relay.name, address: line.relay.address, port: line.relay.port };
  const provider = providerOfHost(hostMeantBy(line));
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

/** What becomes of a recipient who still waited when the message had waited for too long. */
export function describeExpiry({
  message,
  to,
  at,
  attempt,
  relayName,
  dsn,
}: {
  message: FollowedMessage;
  to: string;
  at: number;
  attempt: number;
  /** Who was tried or meant last, and to what code. */
  relayName: string;
  dsn: string | null;
}): TrackedDelivery {
  const reply = "expired, returned to sender";
  return describeAttempt({
    message,
    at,
    attempt,
    reply,
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
      reply,
    },
  });
}

/** Who took the message or was to take it: a receiver that cannot be reached or hangs up is named in the text alone. */
function hostMeantBy({ relay, relayName, reply }: DeliveryLine): string {
  return relay?.name ?? hostNamedIn(reply) ?? relayName.split("[", 1)[0] ?? "";
}

/** Postfix's own findings carry their status code outside of the text. */
export function withDsn({ dsn }: DeliveryLine, reply: string): string {
  return dsn === null || codeFirst.test(reply) ? reply : `${dsn} ${reply}`;
}

function directionOf(
  message: FollowedMessage,
  { relay, status, reply }: DeliveryLine,
  daemon: string,
): DeliveryDirection {
  // A port of this host that keeps what it took, or what a filter refused or threw away. Mail that it took by SMTP and does not
  // hand back went on.
  const wentOn = daemon === "smtp" && status === "sent" && !discarded.test(reply);
  const isHere = relay !== null && isLoopback(relay.address) && !wentOn;
  const stays = localDaemons.has(daemon) || isHere || (relay !== null && relay.socket !== null);
  if (!stays) return "outbound";
  const isFromHere =
    message.isNotification ||
    message.saslUsername !== null ||
    message.client === null ||
    isLoopback(message.client.address);
  return isFromHere ? "internal" : "inbound";
}
