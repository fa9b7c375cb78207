import type { ReplyVerdict } from "../classify-reply.ts";
import type { DeliveryDelays, DeliveryStatus } from "../log-lines/delivery-line.ts";
import type { ProviderId } from "../provider.ts";

/** Which way a message goes, seen from this host. */
export type DeliveryDirection =
  /** To another host. */
  | "outbound"
  /** From outside to a mailbox here. */
  | "inbound"
  /** From a mailbox or program here to a mailbox here. */
  | "internal";

/** How the connection to the receiver was kept from listeners; null where none was made or the log does not say. */
export interface DeliveryTls {
  readonly version: string;
  readonly trust: "Anonymous" | "Untrusted" | "Trusted" | "Verified";
}

/** One attempt to deliver one message to one recipient, with what its earlier lines told. */
export interface TrackedDelivery {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly direction: DeliveryDirection;
  readonly queueId: string;
  /** The queue id under which it came to this host, where a content filter gave it another. */
  readonly firstQueueId: string;
  readonly messageId: string | null;
  /** Empty for a notification (RFC 5321 §4.5.5); null where the log began later. */
  readonly from: string | null;
  readonly to: string;
  readonly sizeBytes: number | null;
  readonly saslUsername: string | null;
  /** From where it was handed in; null for a program of this host, and where the log began later. */
  readonly clientAddress: string | null;
  readonly isNotification: boolean;
  readonly relay: {
    readonly name: string;
    readonly address: string | null;
    readonly port: number | null;
  } | null;
  readonly provider: ProviderId | null;
  readonly status: DeliveryStatus;
  /** Counts from one, per recipient; what was tried before the log began is not known. */
  readonly attempt: number;
  /** Whole time since it came to this host, in seconds. */
  readonly delayS: number;
  readonly delays: DeliveryDelays | null;
  readonly tls: DeliveryTls | null;
  readonly dsn: string | null;
  /** What the receiver said, or Postfix where nobody did. */
  readonly reply: string;
  /** Null for what was delivered. */
  readonly verdict: ReplyVerdict | null;
}
