// node measure-trace.ts FILE DELIVERIES: fills an index of messages as a busy host would, searches it, and prints JSON.

import { statSync } from "node:fs";
import type { JobArgs } from "@mailstead/core/jobs";
import type { TraceChange } from "@mailstead/core/trace";
import { inTransaction, withStore } from "../telemetry/store.ts";
import { indexTrace } from "../trace/index-trace.ts";
import { traceLimits } from "../trace/prune-trace.ts";
import { searchTrace } from "../trace/search-trace.ts";

const [path = "", deliveriesText = "0"] = process.argv.slice(2);
const deliveries = Number(deliveriesText);
const batchSize = 5000;
const monthMs = 30 * 86_400_000;
const end = Date.parse("2026-11-20T10:00:00Z");
const timeOf = (number: number) => end - monthMs + Math.floor((number / deliveries) * monthMs);

/** Each thousandth of all mail goes to one address and a third to one domain, so that some searches find very many. */
const domainOf = (number: number) => (number % 3 === 0 ? "gmail.com" : `d${number % 5000}.example`);
const recipientOf = (number: number) =>
  number % 10 === 0 ? "alerts@a.example" : `user${number % 90_000}@${domainOf(number)}`;
const senderOf = (number: number) => `person${number % 400}@a${number % 20}.example`;
const queueIdOf = (number: number) => `4dB${number.toString(36).padStart(8, "0")}`;

function messageOf(number: number): TraceChange {
  const at = timeOf(number);
  return {
    queueId: queueIdOf(number),
    begins: true,
    at,
    facts: {
      messageId: `${number}.20261120.${number * 7919}@desk.a.example`,
      from: senderOf(number),
      client: { name: "desk.a.example", address: "198.51.100.7" },
      saslUsername: senderOf(number),
      tlsVersion: "TLSv1.3",
      sizeBytes: 40_000,
      recipientCount: 1,
    },
    events: [
      {
        kind: "attempt",
        at: at + 900,
        to: recipientOf(number),
        originalTo: null,
        relay: { name: "gmail-smtp-in.l.google.com", address: "192.0.2.26" },
        isHere: false,
        status: "sent",
        dsn: "2.0.0",
        reply: `250 2.0.0 OK  1795171268 d3-${number}si1.20 - gsmtp`,
        delayS: 0.9,
        tlsVersion: "TLSv1.3",
        provider: "gmail",
        category: null,
        handedOnAs: null,
      },
    ],
    endedAt: at + 910,
  };
}

const fillStarted = performance.now();
for (let from = 0; from < deliveries; from += batchSize)
  await withStore(path, (database) =>
    inTransaction(database, () => {
      const count = Math.min(batchSize, deliveries - from);
      const changes = Array.from({ length: count }, (_, index) => messageOf(from + index));
      const limits = { ...traceLimits, sizeMaxBytes: Number.POSITIVE_INFINITY };
      indexTrace(database, { changes, sessions: [], readAt: timeOf(from) }, limits);
    }),
  );
const fillS = (performance.now() - fillStarted) / 1000;

type Question = Omit<JobArgs<"trace-message">, "visibleDomains">;
const kinds: Record<string, (number: number) => Question> = {
  "queue id": (number) => ({ queueId: queueIdOf(number) }),
  "message-id": (number) => ({ messageId: `<${messageOf(number).facts.messageId}>` }),
  sender: (number) => ({ sender: senderOf(number) }),
  recipient: (number) => ({ recipient: recipientOf(number) }),
  "sender and recipient": (number) => ({ sender: senderOf(number), recipient: recipientOf(number) }),
  "sender and a recipient who never met": (number) => ({
    sender: senderOf(number),
    recipient: "alerts@a.example",
    untilUnixMs: timeOf(number),
  }),
  domain: (number) => ({ domain: domainOf(number) }),
  "domain within an hour": (number) => ({
    domain: domainOf(number),
    fromUnixMs: timeOf(number) - 1_800_000,
    untilUnixMs: timeOf(number) + 1_800_000,
  }),
  "somebody unknown": (number) => ({ recipient: `nobody${number}@nowhere.example` }),
};

const searchesOfKind = 200;
const searches = [];
for (const [kind, questionOf] of Object.entries(kinds)) {
  const tookMs: number[] = [];
  for (let index = 0; index < searchesOfKind; index += 1) {
    const number = (index * 104_729) % deliveries;
    const begun = performance.now();
    await withStore(path, (database) =>
      searchTrace(database, {
        ...questionOf(number),
        visibleDomains: index % 2 === 0 ? null : ["a.example"],
      }),
    );
    tookMs.push(performance.now() - begun);
  }
  tookMs.sort((a, b) => a - b);
  const quantile = (part: number) =>
    tookMs[Math.min(tookMs.length - 1, Math.floor(part * tookMs.length))] ?? 0;
  searches.push({ kind, searches: searchesOfKind, p50Ms: quantile(0.5), p99Ms: quantile(0.99) });
}

const result = {
  deliveries,
  perS: Math.round(deliveries / fillS),
  sizeBytes: statSync(path).size,
  rssBytes: process.memoryUsage().rss,
  searches,
};
process.stdout.write(`${JSON.stringify(result)}\n`);
