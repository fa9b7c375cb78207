import { z } from "zod";
import { toldText } from "../text/index.ts";

/** Where a message lies in Postfix's queue. `maildrop` holds what a program of the host has just handed in. */
export const queueNames = ["active", "deferred", "hold", "incoming", "maildrop"] as const;
export type QueueName = (typeof queueNames)[number];

/** Most recipients that are told of one message. */
export const queueRecipientsMax = 10;
export const queueReasonMax = 400;

/** One message that waits. */
export const queuedMessageSchema = z.object({
  queueId: toldText(40),
  queue: z.enum(queueNames),
  arrivedAt: z.number(),
  sizeBytes: z.number(),
  /** Empty for a notification. */
  sender: toldText(320),
  recipients: z.array(z.object({ address: toldText(320), reason: toldText(queueReasonMax).nullable() })),
  recipientCount: z.int(),
  /** Who put it off last and what that means, where it was put off. */
  provider: toldText(40).nullable(),
  category: toldText(40).nullable(),
});
export type QueuedMessage = z.infer<typeof queuedMessageSchema>;
