import { z } from "zod";
import { queueFilterSchema } from "./queue-filter.ts";
import { queuedMessageSchema, queueNames } from "./queued-message.ts";

/** Most messages on one page of a queue. */
export const queuePageMax = 200;
/** Most messages that are named one by one in one order. */
export const queueSelectionMax = 500;

const tally = z.array(z.object({ name: z.string().max(40), count: z.int() })).max(100);

/** The queue of a server at one moment: how much of it is meant, and its oldest messages. */
export const queuePageSchema = z.object({
  readAt: z.number(),
  /** In the whole queue, as far as the person may see it. */
  total: z.int(),
  /** As the filter means it. */
  matching: z.int(),
  /** Of those that match, by queue, by provider and by reason. */
  queues: z.array(z.object({ name: z.enum(queueNames), count: z.int() })),
  providers: tally,
  categories: tally,
  /** The oldest first, after `skip`. */
  messages: z.array(queuedMessageSchema).max(queuePageMax),
});
export type QueuePage = z.infer<typeof queuePageSchema>;

/** `retry` has Postfix try deferred mail now. `delete` is for good, and tells nobody. */
export const queueActions = ["hold", "release", "retry", "delete"] as const;
export type QueueActionName = (typeof queueActions)[number];

/** A message by its queue id and when it arrived, so that another one under the same id is never meant. */
export const queuedOneSchema = z.object({
  queueId: z.string().regex(/^[0-9A-Za-z]{5,24}$/, { error: "this is not a queue id" }),
  arrivedAt: z.int().nonnegative(),
});

/**
 * Which messages an order means: some by name, or all that match. `countMax` is what the person was shown and said yes to:
 * where more match now, nothing is done.
 */
export const queueTargetSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("selected"),
    messages: z.array(queuedOneSchema).min(1).max(queueSelectionMax),
  }),
  z.object({
    kind: z.literal("matching"),
    filter: queueFilterSchema.required({ arrivedUntil: true }),
    countMax: z.int().positive(),
  }),
]);
export type QueueTarget = z.infer<typeof queueTargetSchema>;
