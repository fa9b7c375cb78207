import { networkInterfaces } from "node:os";
import type { DeliveryDirection, DeliveryStatus, ProviderId, ReplyCategory } from "@mailstead/core/delivery";

/** One attempt to deliver, as whoever wrote the log meant it. */
export interface TrueAttempt {
  readonly at: number;
  readonly queueId: string;
  readonly direction: DeliveryDirection;
  readonly domain: string;
  /** Whether another host was reached. */
  readonly isReached: boolean;
  readonly provider: ProviderId | null;
  readonly status: DeliveryStatus;
  readonly category: ReplyCategory | null;
  readonly isFirst: boolean;
  readonly isOverTls: boolean;
  readonly sizeBytes: number;
  readonly delayS: number;
  /** What the receiver said, where it refused or put off. */
  readonly reply: string | null;
}

/** What is counted of attempts that are alike. */
export interface Sum {
  attempts: number;
  firstAttempts: number;
  overTls: number;
  sizeBytes: number;
  latencies: Record<string, number>;
}

export const periods = { minutes: 60_000, hours: 3_600_000, days: 86_400_000 } as const;
export type Period = keyof typeof periods;

/** Counts attempts by period, direction, domain, sending address, provider, status and category. */
export function sumUp(attempts: readonly TrueAttempt[], period: Period): Map<string, Sum> {
  const sums = new Map<string, Sum>();
  const sendingAddress = ownIpv4();
  for (const attempt of attempts) {
    const key = keyOf({
      startsAt: attempt.at - (attempt.at % periods[period]),
      direction: attempt.direction,
      domain: attempt.domain,
      sendingAddress: attempt.isReached && attempt.direction === "outbound" ? sendingAddress : "",
      provider: attempt.provider ?? "",
      status: attempt.status,
      category: attempt.category ?? "",
    });
    const sum = sums.get(key) ?? { attempts: 0, firstAttempts: 0, overTls: 0, sizeBytes: 0, latencies: {} };
    sums.set(key, sum);
    sum.attempts += 1;
    sum.firstAttempts += attempt.isFirst ? 1 : 0;
    sum.overTls += attempt.isOverTls ? 1 : 0;
    sum.sizeBytes += attempt.sizeBytes;
    if (attempt.status !== "sent") continue;
    const bucket = bucketOf(attempt.delayS);
    sum.latencies[bucket] = (sum.latencies[bucket] ?? 0) + 1;
  }
  return sums;
}

export interface CountKey {
  readonly startsAt: number;
  readonly direction: string;
  readonly domain: string;
  readonly sendingAddress: string;
  readonly provider: string;
  readonly status: string;
  readonly category: string;
}

export function keyOf(key: CountKey): string {
  const { direction, domain, sendingAddress, provider, status, category } = key;
  const startsAt = new Date(key.startsAt).toISOString();
  return [startsAt, direction, domain, sendingAddress, provider, status, category].join(" | ");
}

/** The smallest whole n with 0.01 s * 1.1^n at or above the delay, found by trying. */
function bucketOf(delayS: number): number {
  let bucket = 0;
  for (let bound = 0.01; bound < delayS * (1 - 1e-9); bound *= 1.1) bucket += 1;
  return bucket;
}

function ownIpv4(): string {
  const own = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  return own.find(({ internal, family }) => !internal && family === "IPv4")?.address ?? "";
}
