import {
  type LatencySketch,
  latencyQuantile,
  mergeLatencies,
  type PeriodCount,
  type ProviderId,
  type ReplyCategory,
} from "../delivery/index.ts";
import type { ReplyCount, SenderFigures } from "./sender-figures.ts";

/** Replies of one kind, with when they came. Times are the beginnings of their periods, in milliseconds since 1970. */
export interface SeenReply extends ReplyCount {
  readonly firstAt: number;
  readonly lastAt: number;
}

/** What one receiver did with what was sent to it. */
export interface ProviderFigures {
  /** Null for all hosts that receive for themselves. */
  readonly provider: ProviderId | null;
  /** Messages to recipients that were first tried in this time. */
  readonly messages: number;
  readonly attempts: number;
  readonly delivered: number;
  /** Attempts that were put off. */
  readonly deferred: number;
  /** Messages that were refused for good, or waited too long. */
  readonly refused: number;
  /** Of what was delivered, how much went over TLS. */
  readonly deliveredOverTls: number;
  /** Seconds from the message's arrival here to its delivery, half of all and 95 of 100; null where nothing was delivered. */
  readonly medianS: number | null;
  readonly slowestS: number | null;
  readonly replies: Partial<Record<ReplyCategory, SeenReply>>;
  /** Latest period in which something was delivered; null when nothing was. */
  readonly lastDeliveredAt: number | null;
}

/** Sums outbound counts by their receiver, the one with most messages first. */
export function figuresByProvider(counts: readonly PeriodCount[]): readonly ProviderFigures[] {
  const outbound = counts.filter(({ direction }) => direction === "outbound");
  return [...Map.groupBy(outbound, ({ provider }) => provider)]
    .map(([provider, own]) => sumFigures(provider, own))
    .sort((a, b) => b.messages - a.messages || (a.provider ?? "").localeCompare(b.provider ?? ""));
}

/** Sums outbound counts that are all of one receiver. */
export function sumFigures(provider: ProviderId | null, counts: readonly PeriodCount[]): ProviderFigures {
  const of = (...statuses: readonly PeriodCount["status"][]) =>
    counts.filter(({ status }) => statuses.includes(status));
  const delivered = of("sent");
  const latencies = delivered.reduce<LatencySketch>((all, count) => mergeLatencies(all, count.latencies), {});
  return {
    provider,
    messages: sum(counts, ({ firstAttempts }) => firstAttempts),
    attempts: attemptsOf(counts),
    delivered: attemptsOf(delivered),
    deferred: attemptsOf(of("deferred")),
    refused: attemptsOf(of("bounced", "expired")),
    deliveredOverTls: sum(delivered, ({ overTls }) => overTls),
    medianS: latencyQuantile(latencies, 0.5),
    slowestS: latencyQuantile(latencies, 0.95),
    replies: Object.fromEntries(
      [...Map.groupBy(counts, ({ category }) => category)].flatMap(([category, own]) =>
        category === null ? [] : [[category, seenReply(own)]],
      ),
    ),
    lastDeliveredAt: delivered.length === 0 ? null : latest(delivered),
  };
}

function seenReply(counts: readonly PeriodCount[]): SeenReply {
  const permanent = counts.filter(({ status }) => status !== "deferred");
  const temporary = counts.filter(({ status }) => status === "deferred");
  return {
    temporary: attemptsOf(temporary),
    permanent: attemptsOf(permanent),
    lastPermanentAt: permanent.length === 0 ? null : latest(permanent),
    lastTemporaryAt: temporary.length === 0 ? null : latest(temporary),
    firstAt: Math.min(...counts.map(({ startsAt }) => startsAt)),
    lastAt: latest(counts),
  };
}

/** What reputation is judged by: the mail log, and what else is known. */
export function senderFigures(
  { messages, delivered, replies }: ProviderFigures,
  outside: Pick<SenderFigures, "complaints" | "dmarc" | "listings" | "words"> = {
    complaints: [],
    dmarc: null,
    listings: [],
    words: [],
  },
): SenderFigures {
  return { messages, delivered, replies, ...outside };
}

function sum(counts: readonly PeriodCount[], read: (count: PeriodCount) => number): number {
  return counts.reduce((total, count) => total + read(count), 0);
}

const attemptsOf = (counts: readonly PeriodCount[]): number => sum(counts, ({ attempts }) => attempts);

const latest = (counts: readonly PeriodCount[]): number =>
  Math.max(...counts.map(({ startsAt }) => startsAt));
