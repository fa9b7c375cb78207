import type { JobArgs, JobResult } from "@mailstead/core/jobs";
import {
  type QueuedMessage,
  type QueueName,
  queuedDomains,
  queueMatcher,
  queueTalliesMax,
} from "@mailstead/core/mail-queue";
import { cutText } from "@mailstead/core/text";
import type { Host } from "../platform/host.ts";
import { eachQueued } from "./each-queued.ts";

// What a frame carries, with room for what is around it.
const pageMaxBytes = 600_000;
// RFC 5321 §4.5.3.1.2
const nameMaxLength = 255;
// Mail that bounces back to forged senders names a domain in each message.
const namesCountedMax = 10_000;

/** Lists the messages that are meant, the oldest first, and counts what there is of them. */
export async function readQueue(
  host: Host,
  { filter, skip, limit, visibleDomains }: JobArgs<"read-queue">,
): Promise<JobResult<"read-queue">> {
  const readAt = host.nowUnixMs();
  const isVisible = queueMatcher({}, visibleDomains);
  const isMeant = queueMatcher(filter, visibleDomains);
  const oldest = keepOldest(skip + limit);
  const queues = new Map<QueueName, number>();
  const [providers, categories, domains] = [tally(), tally(), tally()];
  let [total, matching] = [0, 0];
  await eachQueued(host, (entry) => {
    if (!isVisible(entry)) return;
    total += 1;
    if (!isMeant(entry)) return;
    matching += 1;
    const { message } = entry;
    queues.set(message.queue, (queues.get(message.queue) ?? 0) + 1);
    providers.add(message.provider);
    categories.add(message.category);
    for (const domain of queuedDomains(entry)) domains.add(domain);
    oldest.add(message);
  });
  return {
    readAt,
    total,
    matching,
    queues: [...queues].map(([name, count]) => ({ name, count })),
    providers: providers.read(),
    categories: categories.read(),
    domains: domains.read(),
    messages: withinFrame(oldest.read().slice(skip)),
  };
}

function tally() {
  const counts = new Map<string, number>();
  return {
    add(name: string | null) {
      if (name === null || (counts.size >= namesCountedMax && !counts.has(name))) return;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    },
    read: () =>
      [...counts]
        .map(([name, count]) => ({ name: cutText(name, nameMaxLength), count }))
        .sort((a, b) => b.count - a.count)
        .slice(0, queueTalliesMax),
  };
}

/** Holds the oldest messages without holding a whole queue. */
function keepOldest(max: number) {
  let kept: QueuedMessage[] = [];
  const byAge = (a: QueuedMessage, b: QueuedMessage) =>
    a.arrivedAt - b.arrivedAt || (a.queueId < b.queueId ? -1 : 1);
  return {
    add(message: QueuedMessage) {
      kept.push(message);
      if (kept.length >= 2 * max + 1000) kept = kept.sort(byAge).slice(0, max);
    },
    read: () => kept.sort(byAge).slice(0, max),
  };
}

function withinFrame(messages: readonly QueuedMessage[]): QueuedMessage[] {
  let room = pageMaxBytes;
  return messages.filter((message) => {
    room -= Buffer.byteLength(JSON.stringify(message));
    return room >= 0;
  });
}
