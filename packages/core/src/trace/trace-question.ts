import { z } from "zod";
import { domainNameSchema } from "../domains/index.ts";
import { tracedMessageSchema, traceTextMax } from "./traced-message.ts";

/** Most messages, and events of each, in one answer. */
export const tracedMessagesMax = 50;
export const tracedEventsMax = 200;
/** Most domains that a question can be limited to. */
export const traceDomainsMax = 2000;

const word = (lengthMax: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(lengthMax)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
    .regex(/^[^\x00-\x1f\x7f]+$/, { error: "it holds a character that no address has" });
const address = word(traceTextMax.address).regex(/^[^@\s]+@[^@\s]+$/, {
  error: "this is not a whole address",
});

/** What is known of a message that is looked for. At least one of it is needed beside the time. */
export const traceCriteriaSchema = z.object({
  sender: address.optional(),
  recipient: address.optional(),
  /** Of the sender or of a recipient. */
  domain: domainNameSchema.transform((name): string => name).optional(),
  messageId: word(traceTextMax.reply).optional(),
  queueId: z
    .string()
    .regex(/^(postfix-[\w-]{1,40}\/)?[0-9A-Za-z]{5,24}$/, { error: "this is not a queue id" })
    .optional(),
  fromUnixMs: z.int().nonnegative().optional(),
  untilUnixMs: z.int().nonnegative().optional(),
});
export type TraceCriteria = z.infer<typeof traceCriteriaSchema>;

/** Which of the criteria are used: what may be kept about a question. */
export function usedCriteria(criteria: TraceCriteria): readonly string[] {
  return Object.entries(criteria).flatMap(([name, value]) => (value === undefined ? [] : [name]));
}

/** True when something but the time is known. */
export function isSearchable(criteria: TraceCriteria): boolean {
  return usedCriteria(criteria).some((name) => !name.endsWith("UnixMs"));
}

/** Domains that the person who asks may see, set by the services and never by a browser; null for all of the server. */
export const visibleDomainsSchema = z
  .array(z.string().max(traceTextMax.name))
  .max(traceDomainsMax)
  .nullable();

export const traceResultSchema = z.object({
  /** From when on the index holds what was logged; null where nothing was read yet. */
  indexBeginsAt: z.number().nullable(),
  /** Up to when the log had been read. */
  readUntilAt: z.number().nullable(),
  /** Newest first. */
  messages: z.array(tracedMessageSchema).max(tracedMessagesMax),
  hasMore: z.boolean(),
  tookMs: z.number(),
});
export type TraceResult = z.infer<typeof traceResultSchema>;
