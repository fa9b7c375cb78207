import { z } from "zod";
import { queueNames } from "./queued-message.ts";
import type { QueueEntry } from "./read-queue-line.ts";

const word = z.string().trim().toLowerCase().min(1).max(320);

/** Which messages are meant; what is left out limits nothing. */
export const queueFilterSchema = z.object({
  queue: z.enum(queueNames).optional(),
  /** A whole address, a domain after `@`, or a part of one; `<>` for notifications. */
  sender: word.optional(),
  recipient: word.optional(),
  /** Domain of the sender or of a recipient. */
  domain: word.optional(),
  provider: z.string().max(40).optional(),
  category: z.string().max(40).optional(),
  /** Arrived at this time or before. */
  arrivedUntil: z.int().nonnegative().optional(),
});
export type QueueFilter = z.infer<typeof queueFilterSchema>;

/** Builds the test that tells whether a message is meant. `visibleDomains` are those of the person who asks; null for all. */
export function queueMatcher(
  filter: QueueFilter,
  visibleDomains: readonly string[] | null,
): (entry: QueueEntry) => boolean {
  const visible = visibleDomains === null ? null : new Set(visibleDomains);
  return (entry) => {
    const { message } = entry;
    const sender = message.sender.toLowerCase();
    const to = entry.recipients.map((address) => address.toLowerCase());
    const domains = queuedDomains(entry);
    // Nothing in the queue says who signed in, so a message is its recipients' or, on its way out, its sender's.
    if (visible !== null && !domains.some((domain) => visible.has(domain))) return false;
    return (
      (filter.queue === undefined || message.queue === filter.queue) &&
      (filter.sender === undefined || isLike(sender, filter.sender)) &&
      (filter.recipient === undefined || to.some((address) => isLike(address, filter.recipient ?? ""))) &&
      (filter.domain === undefined || domains.includes(filter.domain)) &&
      (filter.provider === undefined || message.provider === filter.provider) &&
      (filter.category === undefined || message.category === filter.category) &&
      (filter.arrivedUntil === undefined || message.arrivedAt <= filter.arrivedUntil)
    );
  };
}

/** The domains of the sender and of all recipients of a message, each once. */
export function queuedDomains({ message, recipients }: QueueEntry): readonly string[] {
  const domains = [message.sender, ...recipients].flatMap((address) => {
    const at = address.lastIndexOf("@");
    return at < 0 ? [] : [address.slice(at + 1).toLowerCase()];
  });
  return [...new Set(domains)];
}

/** What of a filter may be kept for good: that somebody was looked for, and not who. */
export function describeFilter(filter: QueueFilter): Readonly<Record<string, string | number | true>> {
  const { queue, provider, category, arrivedUntil } = filter;
  const kept = { queue, provider, category, arrivedUntil };
  const hidden = { sender: filter.sender, recipient: filter.recipient, domain: filter.domain };
  return Object.fromEntries([
    ...Object.entries(kept).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ...Object.entries(hidden).flatMap(([name, value]) => (value === undefined ? [] : [[name, true]])),
  ]);
}

function isLike(address: string, wanted: string): boolean {
  return wanted === "<>" ? address === "" : address.includes(wanted);
}
