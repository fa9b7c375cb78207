import { z } from "zod";
import { toldText } from "../text/index.ts";
import { verdictActions } from "../verdicts/index.ts";

/** What is kept of one text at most; a reply that is longer says nothing more. */
export const traceTextMax = { address: 320, name: 255, reply: 600 } as const;

const address = toldText(traceTextMax.address);
const name = toldText(traceTextMax.name);
const reply = toldText(traceTextMax.reply);
const host = z.object({ name, address: name.nullable() });

/** Something that happened to a message, as its host logged it. Times are milliseconds since 1970. */
export const traceEventSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("attempt"),
    at: z.number(),
    to: address,
    /** The address that an alias led from; null where it is the recipient itself. */
    originalTo: address.nullable(),
    /** Null where no host was reached. */
    relay: host.nullable(),
    /** Whether the mail was to stay on this host. */
    isHere: z.boolean(),
    status: z.enum(["sent", "deferred", "bounced", "expired", "undeliverable", "deliverable"]),
    dsn: toldText(20).nullable(),
    reply,
    delayS: z.number(),
    tlsVersion: toldText(20).nullable(),
    provider: toldText(40).nullable(),
    /** What the reply means; null for what was delivered. */
    category: toldText(40).nullable(),
    /** Queue id under which whoever took it on this host keeps it. */
    handedOnAs: toldText(40).nullable(),
  }),
  z.object({
    kind: z.literal("refused"),
    at: z.number(),
    /** `reject`, `milter-reject`, `discard`... */
    action: toldText(40),
    stage: toldText(40),
    code: toldText(3).nullable(),
    dsn: toldText(20).nullable(),
    reason: reply,
    to: address.nullable(),
  }),
  z.object({
    kind: z.literal("notified"),
    at: z.number(),
    to: z.enum(["sender", "postmaster"]),
    about: z.enum(["non-delivery", "delay", "success", "delivery status"]),
    /** Queue id of the notification. */
    queueId: toldText(40),
  }),
  /** What a person did by postsuper(1), or the filter by its word: it waits, goes on, or is gone. */
  z.object({
    kind: z.literal("handled"),
    at: z.number(),
    action: z.enum(["held", "released", "requeued", "deleted"]),
  }),
  z.object({ kind: z.literal("expired"), at: z.number() }),
  /** What Rspamd decided, and by how many points. */
  z.object({
    kind: z.literal("judged"),
    at: z.number(),
    action: z.enum(verdictActions),
    score: z.number(),
  }),
]);
export type TraceEvent = z.infer<typeof traceEventSchema>;

/** Who handed a message in, and what it was. What the log does not tell is null. */
export const traceFactsSchema = z.object({
  messageId: toldText(traceTextMax.reply).nullable(),
  /** Envelope sender; empty for a notification (RFC 5321 §4.5.5). */
  from: address.nullable(),
  client: host.nullable(),
  saslUsername: address.nullable(),
  /** Version of TLS by which it came in. */
  tlsVersion: toldText(20).nullable(),
  /** Handed in by a program of the host itself. */
  isLocal: z.boolean(),
  sizeBytes: z.number().nullable(),
  recipientCount: z.number().nullable(),
  /** Its queue id before a content filter handed it back. */
  originalQueueId: toldText(40).nullable(),
});
export type TraceFacts = z.infer<typeof traceFactsSchema>;

export const unknownFacts: TraceFacts = {
  messageId: null,
  from: null,
  client: null,
  saslUsername: null,
  tlsVersion: null,
  isLocal: false,
  sizeBytes: null,
  recipientCount: null,
  originalQueueId: null,
};

/** One message as a host remembers it. */
export const tracedMessageSchema = traceFactsSchema.extend({
  /** Null for mail that was refused before it had one. */
  queueId: toldText(40).nullable(),
  beganAt: z.number(),
  /** When it left the queue; null while it is in it, or where the log does not say. */
  endedAt: z.number().nullable(),
  events: z.array(traceEventSchema),
  /** Events that were left out because there are too many. */
  eventsLeftOut: z.int().nonnegative(),
});
export type TracedMessage = z.infer<typeof tracedMessageSchema>;
