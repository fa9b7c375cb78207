import { type ProviderId, providerOfHost } from "@mailstead/core/delivery";
import type { HostFacts, QueueWaiting } from "@mailstead/core/servers";
import { pathExists } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";

export type QueueFacts = Pick<
  HostFacts,
  "queueSizeMessages" | "queueOldestAtUnixMs" | "queueLateMessages" | "queueUntakenMessages" | "queueWaiting"
>;

const unknown: QueueFacts = {
  queueSizeMessages: null,
  queueOldestAtUnixMs: null,
  queueLateMessages: null,
  queueUntakenMessages: null,
  queueWaiting: [],
};

// Without it there is no Postfix, or one that was unpacked and never set up.
const mainCf = "/etc/postfix/main.cf";
const hourMs = 3_600_000;
// Greylisting and a receiver's short outage are over by then, and Postfix has tried several times.
const lateAfterMs = 4 * hourMs;
// What was handed in leaves these queues within seconds, whatever becomes of it.
const untakenAfterMs = hourMs;
// Greylisting lets the first retries through.
const putOffAfterMs = hourMs;
const untakenQueues = ["incoming", "maildrop"];
// postqueue writes these fields first, before anything that a sender chose.
const start = /^\{"queue_name": "(\w+)", "queue_id": "\w+", "arrival_time": (\d+),/;

// Whoever wrote a field cannot write this: JSON escapes the quotation marks in it.
const saidBy =
  /"delay_reason": "(?:host|connect to|lost connection with|conversation with) ([^\s["\\]{1,253})\[/;
const waitingMax = 20;

/** How many messages wait in the mail queue, and for how long; those on hold count, and do not age. */
export async function readMailQueue(host: Host): Promise<QueueFacts> {
  if (!(await pathExists(host.path(mainCf)))) return unknown;
  const now = host.nowUnixMs();
  let [size, late, untaken] = [0, 0, 0];
  let oldestAtMs = Number.POSITIVE_INFINITY;
  const waiting = new Map<ProviderId, QueueWaiting>();
  const result = await host.run(["postqueue", "-j"], {
    timeoutMs: 20_000,
    onLine: (line) => {
      if (!line.startsWith("{")) return;
      size += 1;
      const [, queue = "hold", arrivedSeconds] = start.exec(line) ?? [];
      if (queue === "hold") return;
      const arrivedAtMs = Number(arrivedSeconds) * 1000;
      oldestAtMs = Math.min(oldestAtMs, arrivedAtMs);
      if (now - arrivedAtMs > lateAfterMs) late += 1;
      const host = queue === "deferred" ? saidBy.exec(line)?.[1] : undefined;
      const provider = host === undefined ? null : providerOfHost(host);
      if (provider !== null) {
        const known = waiting.get(provider);
        waiting.set(provider, {
          provider,
          messages: (known?.messages ?? 0) + 1,
          lateMessages: (known?.lateMessages ?? 0) + (now - arrivedAtMs > putOffAfterMs ? 1 : 0),
          oldestAtUnixMs: Math.min(known?.oldestAtUnixMs ?? arrivedAtMs, arrivedAtMs),
        });
      }
      if (untakenQueues.includes(queue) && now - arrivedAtMs > untakenAfterMs) untaken += 1;
    },
  });
  if (result.exitCode !== 0) return unknown;
  return {
    queueSizeMessages: size,
    queueOldestAtUnixMs: Number.isFinite(oldestAtMs) ? oldestAtMs : null,
    queueLateMessages: late,
    queueUntakenMessages: untaken,
    queueWaiting: [...waiting.values()].sort((a, b) => b.messages - a.messages).slice(0, waitingMax),
  };
}
