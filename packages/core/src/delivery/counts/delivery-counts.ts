import type { DeliveryStatus } from "../log-lines/delivery-line.ts";
import type { ProviderId } from "../provider.ts";
import type { ReplyCategory } from "../reply-category.ts";
import type { DeliveryDirection, TrackedDelivery } from "../tracking/tracked-delivery.ts";
import { addLatency, type LatencySketch } from "./latency-sketch.ts";
import { redactReply } from "./redact-reply.ts";

/** Attempts of one minute that are alike in all that is told apart. Holds no address of a person. */
export interface DeliveryCount {
  /** Beginning of the minute, in milliseconds since 1970. */
  readonly minute: number;
  readonly direction: DeliveryDirection;
  /** Domain of the envelope sender outbound, of the recipient else; empty for notifications. */
  readonly domain: string;
  /** Address of this host that sent; null inbound, or where nobody was reached. */
  readonly sendingAddress: string | null;
  /** Who received; null for a host that receives for itself. */
  readonly provider: ProviderId | null;
  readonly status: DeliveryStatus;
  readonly category: ReplyCategory | null;
  readonly attempts: number;
  /** Of those, how many were the first for their recipient. */
  readonly firstAttempts: number;
  /** Of those, how many were over TLS. */
  readonly overTls: number;
  readonly sizeBytes: number;
  /** Whole time since the message came to this host, of what was delivered. */
  readonly latencies: LatencySketch;
}

/** A reply as it was said, of a kind that ends or delays mail, with nobody's address in it. */
export interface ReplySample {
  readonly at: number;
  readonly domain: string;
  readonly provider: ProviderId | null;
  /** Host that said it. */
  readonly relayName: string | null;
  readonly category: ReplyCategory;
  readonly ruleId: string | null;
  readonly reply: string;
}

/** Adds up attempts until they are read. */
export interface DeliveryCounter {
  add(delivery: TrackedDelivery): void;
  /** What was added since the last reading. */
  read(): { readonly counts: readonly DeliveryCount[]; readonly samples: readonly ReplySample[] };
}

const minuteMs = 60_000;
/** Samples of one kind from one provider in one reading: enough to see what is said, few enough to send. */
export const samplesPerKindMax = 3;

/** Starts to count. `sendingAddressOf` names the address of this host that reaches another address, as the agent knows it. */
export function createDeliveryCounter(
  sendingAddressOf: (relayAddress: string) => string | null,
): DeliveryCounter {
  let counts = new Map<string, Writable<DeliveryCount>>();
  let samples = new Map<string, ReplySample[]>();
  return {
    add(delivery) {
      const empty = emptyCount(delivery, sendingAddressOf);
      const key = JSON.stringify([
        empty.minute,
        empty.direction,
        empty.domain,
        empty.sendingAddress,
        empty.provider,
        empty.status,
        empty.category,
      ]);
      const count = counts.get(key) ?? empty;
      counts.set(key, count);
      count.attempts += 1;
      if (delivery.attempt === 1) count.firstAttempts += 1;
      if (delivery.tls !== null) count.overTls += 1;
      count.sizeBytes += delivery.sizeBytes ?? 0;
      if (delivery.status === "sent") count.latencies = addLatency(count.latencies, delivery.delayS);
      keepSample(delivery, empty.domain);
    },
    read() {
      const reading = { counts: [...counts.values()], samples: [...samples.values()].flat() };
      counts = new Map();
      samples = new Map();
      return reading;
    },
  };

  function keepSample({ verdict, provider, relay, at, reply }: TrackedDelivery, domain: string): void {
    if (verdict === null) return;
    const key = `${provider}/${verdict.category}`;
    const kept = samples.get(key) ?? [];
    const redacted = redactReply(reply);
    if (kept.length >= samplesPerKindMax || kept.some((sample) => sample.reply === redacted)) return;
    samples.set(key, [
      ...kept,
      {
        at,
        domain,
        provider,
        relayName: relay?.name ?? null,
        category: verdict.category,
        ruleId: verdict.ruleId,
        reply: redacted,
      },
    ]);
  }
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function emptyCount(
  { at, direction, from, to, relay, provider, status, verdict }: TrackedDelivery,
  sendingAddressOf: (relayAddress: string) => string | null,
): Writable<DeliveryCount> {
  const relayAddress = direction === "outbound" ? (relay?.address ?? null) : null;
  return {
    minute: Math.floor(at / minuteMs) * minuteMs,
    direction,
    domain: domainOf(direction === "outbound" ? (from ?? "") : to),
    sendingAddress: relayAddress === null ? null : sendingAddressOf(relayAddress),
    provider,
    status,
    category: verdict?.category ?? null,
    attempts: 0,
    firstAttempts: 0,
    overTls: 0,
    sizeBytes: 0,
    latencies: {},
  };
}

const domainOf = (address: string): string => address.slice(address.lastIndexOf("@") + 1).toLowerCase();
