import { z } from "zod";
import { toldText } from "../text/index.ts";
import { queueFilterSchema } from "./queue-filter.ts";
import { queuedMessageSchema, queueNames } from "./queued-message.ts";

/** Most messages on one page of a queue. */
export const queuePageMax = 200;
/** Most messages that are passed over before a page: a host keeps as many in memory while it looks for the oldest. */
export const queueSkipMax = 10_000;
/** Most messages that are named one by one in one order. */
export const queueSelectionMax = 500;

/** Most names of one kind that are counted on a page, those with the most messages first. */
export const queueTalliesMax = 100;

const tallyOf = (lengthMax: number) =>
  z.array(z.object({ name: toldText(lengthMax), count: z.int() })).max(queueTalliesMax);

/** The queue of a server at one moment: how much of it is meant, and its oldest messages. */
export const queuePageSchema = z.object({
  readAt: z.number(),
  /** In the whole queue, as far as the person may see it. */
  total: z.int(),
  /** As the filter means it. */
  matching: z.int(),
  /** Of those that match, by queue, by provider, by reason, and by domain of the sender or of a recipient. */
  queues: z.array(z.object({ name: z.enum(queueNames), count: z.int() })),
  providers: tallyOf(40),
  categories: tallyOf(40),
  // An agent of before does not count them.
  domains: tallyOf(255).default([]),
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
