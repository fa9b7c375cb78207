import { z } from "zod";
import { classifyReply, providerOfHost, splitReply } from "../delivery/index.ts";
import { cutText, storableText } from "../text/index.ts";
import { type QueuedMessage, queueNames, queueReasonMax, queueRecipientsMax } from "./queued-message.ts";

const lineSchema = z.object({
  queue_name: z.enum(queueNames),
  queue_id: z.string().regex(/^[0-9A-Za-z]{5,24}$/),
  arrival_time: z.number(),
  message_size: z.number(),
  sender: z.string(),
  recipients: z.array(z.object({ address: z.string(), delay_reason: z.string().optional() })).default([]),
});

/** What is told of a message, with all of its recipients: what a filter looks at and a page does not show whole. */
export interface QueueEntry {
  readonly message: QueuedMessage;
  readonly recipients: readonly string[];
}

/** Reads a line of `postqueue -j` (postqueue(1)); null for what is no message. */
export function readQueueLine(line: string): QueueEntry | null {
  const parsed = lineSchema.safeParse(parse(line));
  if (!parsed.success) return null;
  const {
    queue_name: queue,
    queue_id: queueId,
    arrival_time,
    message_size,
    sender,
    recipients,
  } = parsed.data;
  const reason = recipients.find(({ delay_reason }) => delay_reason !== undefined)?.delay_reason ?? null;
  return {
    recipients: recipients.map(({ address }) => address),
    message: {
      queueId,
      queue,
      arrivedAt: arrival_time * 1000,
      sizeBytes: message_size,
      sender: text(sender, 320),
      recipients: recipients.slice(0, queueRecipientsMax).map(({ address, delay_reason }) => ({
        address: text(address, 320),
        reason: delay_reason === undefined ? null : text(delay_reason, queueReasonMax),
      })),
      recipientCount: recipients.length,
      ...meaningOf(reason),
    },
  };
}

const saidBy = /^(?:host|connect to|lost connection with|conversation with) ([^\s[]+)\[/;

function meaningOf(reason: string | null): Pick<QueuedMessage, "provider" | "category"> {
  if (reason === null) return { provider: null, category: null };
  const host = saidBy.exec(reason)?.[1];
  const provider = host === undefined ? null : providerOfHost(host);
  return { provider, category: classifyReply(splitReply(reason).reply, provider).category };
}

function text(value: string, lengthMax: number): string {
  return storableText(cutText(value, lengthMax));
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
