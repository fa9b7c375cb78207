import type { FeedKind } from "./feed.ts";

const dayMs = 86_400_000;
const hourMs = 3_600_000;
// Figures of a day come once a day; a second look costs little and finds those that came late.
const pollEveryMs: Record<FeedKind, number> = {
  "google-postmaster": 12 * hourMs,
  snds: 12 * hourMs,
  yahoo: dayMs,
};
const retryFirstMs = 5 * 60_000;
const retryLastMs = 12 * hourMs;

/**
 * When a feed is read again. `chance` is from 0 to 1 and parts the feeds of an installation, so that they do not all ask
 * in one minute. After a failure the waits double, up to half a day; what the provider asks for is waited for at least.
 */
export function nextFeedLook(
  {
    kind,
    failures,
    retryAfterMs,
    chance,
  }: { kind: FeedKind; failures: number; retryAfterMs: number | null; chance: number },
  now: Date,
): Date {
  const planned =
    failures === 0 ? pollEveryMs[kind] : Math.min(retryFirstMs * 2 ** (failures - 1), retryLastMs);
  const jittered = planned * (0.8 + 0.4 * chance);
  return new Date(now.getTime() + Math.max(jittered, retryAfterMs ?? 0));
}
