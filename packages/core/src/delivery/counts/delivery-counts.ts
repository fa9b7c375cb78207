import type { DeliveryStatus } from "../log-lines/delivery-line.ts";
import type { ProviderId } from "../provider.ts";
import type { ReplyCategory } from "../reply-category.ts";
import type { DeliveryDirection, TrackedDelivery } from "../tracking/tracked-delivery.ts";
import { type LatencySketch, latencyBucket } from "./latency-sketch.ts";
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
const domainLengthMax = 253;
/** More than a host sends in a minute, and what a batch may tell. */
export const bytesMax = 1e12;
/** Samples of one kind from one provider in one reading: enough to see what is said, few enough to send. */
export const samplesPerKindMax = 3;

/** Starts to count. `sendingAddressOf` names the address of this host that reaches another address, as the agent knows it. */
export function createDeliveryCounter(
  sendingAddressOf: (relayAddress: string) => string | null,
): DeliveryCounter {
  let counts: OpenCount[] = [];
  let countsOfMinute = new Map<number, Map<string, OpenCount>>();
  let samples = new Map<string, ReplySample[]>();
  return {
    add(delivery) {
      const { direction, from, to, provider, status, verdict, relay, at } = delivery;
      const minute = Math.floor(at / minuteMs) * minuteMs;
      const domain = domainOf(direction === "outbound" ? (from ?? "") : to);
      const relayAddress = direction === "outbound" ? (relay?.address ?? null) : null;
      const sendingAddress = relayAddress === null ? null : sendingAddressOf(relayAddress);
      const category = verdict?.category ?? null;
      let alikes = countsOfMinute.get(minute);
      if (alikes === undefined) {
        alikes = new Map();
        countsOfMinute.set(minute, alikes);
      }
      // A domain comes last, because nobody knows what may stand in it.
      const key = `${direction} ${sendingAddress} ${provider} ${status} ${category} ${domain}`;
      let count = alikes.get(key);
      if (count === undefined) {
        const alike = { minute, direction, domain, sendingAddress, provider, status, category };
        count = { ...alike, attempts: 0, firstAttempts: 0, overTls: 0, sizeBytes: 0, latencies: {} };
        alikes.set(key, count);
        counts.push(count);
      }
      count.attempts += 1;
      if (delivery.attempt === 1) count.firstAttempts += 1;
      if (delivery.tls !== null) count.overTls += 1;
      count.sizeBytes = Math.min(count.sizeBytes + (delivery.sizeBytes ?? 0), bytesMax);
      if (status === "sent") {
        const bucket = latencyBucket(delivery.delayS);
        count.latencies[bucket] = (count.latencies[bucket] ?? 0) + 1;
      }
      keepSample(delivery, domain);
    },
    read() {
      const reading = { counts, samples: [...samples.values()].flat() };
      counts = [];
      countsOfMinute = new Map();
      samples = new Map();
      return reading;
    },
  };

  function keepSample({ verdict, provider, relay, at, reply }: TrackedDelivery, domain: string): void {
    if (verdict === null) return;
    const key = `${provider}/${verdict.category}`;
    const kept = samples.get(key) ?? [];
    if (kept.length >= samplesPerKindMax) return;
    const redacted = redactReply(reply);
    if (kept.some((sample) => sample.reply === redacted)) return;
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

/** A count that more is still added to. */
type OpenCount = { -readonly [K in keyof DeliveryCount]: DeliveryCount[K] } & {
  latencies: Record<string, number>;
};

/** A log tells whatever somebody wrote into an envelope: an address without a domain is somebody's name, and one with a longer one is none. */
function domainOf(address: string): string {
  const at = address.lastIndexOf("@");
  const domain = address.slice(at + 1).toLowerCase();
  return at < 0 || domain.length > domainLengthMax ? "" : domain;
}
