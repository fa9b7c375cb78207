import { type ReplyCategory, replyCategories } from "../delivery/index.ts";
import { compareShare, type ShareBounds, shareBounds } from "../reputation/index.ts";
import type { HeldSight, SightBucket } from "./delivery-sight.ts";

/** What is to become of a condition after a look. */
export type SightVerdict =
  /** Nothing to tell anybody, or too little was seen to say. */
  | { readonly kind: "quiet" }
  | { readonly kind: "open"; readonly sight: SightFigures }
  /** It is over: the receiver takes mail again, or nothing has been refused for long. */
  | { readonly kind: "over" };

/** The figures that a finding shows. Times in milliseconds since 1970. */
export interface SightFigures extends HeldSight {
  /** Attempts with this reply of all attempts, within the time that was looked at. */
  readonly share: ShareBounds;
  readonly refused: number;
}

interface Limits {
  /** Fewer replies of the kind than these say nothing. */
  readonly failedMin: number;
  /** The share's lower bound must lie above it to open. */
  readonly opensAbove: number;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** By how much harm a kind of reply tells of. What is part of every healthy day is no finding at all. */
const limitsOf: Readonly<Record<"minor" | "major" | "critical", Limits>> = {
  critical: { failedMin: 3, opensAbove: 0.05 },
  major: { failedMin: 3, opensAbove: 0.05 },
  minor: { failedMin: 10, opensAbove: 0.1 },
};

/** How far back counts are looked at. */
export const sightMs = 6 * hourMs;
/** Opens once its replies are this far apart: a receiver that was away for a moment is no news. */
const lastsMs = 15 * minuteMs;
/** Or at once, where so many were refused that most of all mail must be. */
const certainFailed = 5;
const certainAbove = 0.5;
/** Over once so much was delivered after the last such reply, with some time between. */
const deliveredToClose = 5;
const closesAfterMs = 20 * minuteMs;
/** The share of the latest time must lie below this part of what opens. */
const closesBelowPart = 0.5;
const recentMs = 2 * hourMs;
/** Whoever sends little is believed one delivery when a day has gone by, and silence after a week. */
const slowCloseMs = 24 * hourMs;
const forgottenMs = 7 * 24 * hourMs;

/** Whether replies of a kind are ever told of. `expired` only repeats what the replies before it said. */
export function isToldOf(category: ReplyCategory): boolean {
  return replyCategories[category].severity !== "normal" && category !== "expired";
}

/**
 * Judges what one receiver answers to one sender. Opens when the share is surely too large and has lasted or is certain;
 * closes after deliveries, or once the share is surely small again. `held` is what is open, null for nothing; `closedAt`
 * is when it last closed, and what came before is counted no more, so that old replies open nothing twice.
 */
export function judgeSight(
  category: ReplyCategory,
  {
    buckets,
    held,
    closedAt,
  }: { buckets: readonly SightBucket[]; held: HeldSight | null; closedAt: number | null },
  now: number,
): SightVerdict {
  const { severity } = replyCategories[category];
  if (severity === "normal" || !isToldOf(category))
    return held === null ? { kind: "quiet" } : { kind: "over" };
  const limits = limitsOf[severity];
  const from = Math.max(now - sightMs, closedAt ?? Number.NEGATIVE_INFINITY);
  const seen = buckets.filter(({ at }) => at >= from);
  const sight = figuresOf(seen, held);
  if (sight === null || isOver(seen, sight, { limits, now }))
    return { kind: held === null ? "quiet" : "over" };
  if (held !== null) return { kind: "open", sight };
  const { count } = sight.share;
  const isTooLarge = count >= limits.failedMin && compareShare(sight.share, limits.opensAbove) === "above";
  const hasLasted = sight.lastAt - sight.firstAt >= lastsMs;
  const isCertain = count >= certainFailed && compareShare(sight.share, certainAbove) === "above";
  return isTooLarge && (hasLasted || (isCertain && severity !== "minor"))
    ? { kind: "open", sight }
    : { kind: "quiet" };
}

/** Null when no such reply was ever seen. */
function figuresOf(seen: readonly SightBucket[], held: HeldSight | null): SightFigures | null {
  const failing = seen.filter(({ failed }) => failed > 0);
  const delivering = seen.filter(({ delivered }) => delivered > 0).map(({ at }) => at);
  const times = [...(held === null ? [] : [held.firstAt, held.lastAt]), ...failing.map(({ at }) => at)];
  if (times.length === 0) return null;
  const heldDelivered = held?.lastDeliveredAt ?? null;
  const deliveredAt = [...(heldDelivered === null ? [] : [heldDelivered]), ...delivering];
  return {
    firstAt: Math.min(...times),
    lastAt: Math.max(...times),
    lastDeliveredAt: deliveredAt.length === 0 ? null : Math.max(...deliveredAt),
    share: shareBounds(sum(failing, "failed"), sum(seen, "attempts")),
    refused: sum(failing, "refused"),
  };
}

function isOver(
  seen: readonly SightBucket[],
  { lastAt, lastDeliveredAt }: SightFigures,
  { limits, now }: { limits: Limits; now: number },
): boolean {
  const quietMs = now - lastAt;
  const deliveredSince = sum(
    seen.filter(({ at }) => at > lastAt),
    "delivered",
  );
  if (quietMs >= closesAfterMs && deliveredSince >= deliveredToClose) return true;
  if (quietMs >= slowCloseMs && lastDeliveredAt !== null && lastDeliveredAt > lastAt) return true;
  if (quietMs >= forgottenMs) return true;
  const recent = seen.filter(({ at }) => at >= now - recentMs);
  const recentShare = shareBounds(sum(recent, "failed"), sum(recent, "attempts"));
  return compareShare(recentShare, limits.opensAbove * closesBelowPart) === "below";
}

function sum(buckets: readonly SightBucket[], what: Exclude<keyof SightBucket, "at">): number {
  return buckets.reduce((total, bucket) => total + bucket[what], 0);
}
