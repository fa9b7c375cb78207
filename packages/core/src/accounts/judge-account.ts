import { type AccountRecord, recentSums } from "./account-record.ts";
import { accountThresholds as bounds } from "./account-thresholds.ts";

export const accountSigns = ["volume", "first-time", "networks", "bounces", "score"] as const;
export type AccountSignKind = (typeof accountSigns)[number];

/** Something about the last hour that is not the account's way. */
export interface AccountSign {
  readonly kind: AccountSignKind;
  readonly measured: number;
  /** What it is a part of, or what is usual; null where nothing is known of that. */
  readonly of: number | null;
}

export type AccountJudgement =
  /** So far nobody can tell what is usual, and nothing is odd by itself. */
  | { kind: "not-enough-history"; days: number }
  | { kind: "usual" }
  /** high: what a newsletter or a busy day does not do. possible: a person should look. */
  | { kind: "suspicious"; certainty: "possible" | "high"; signs: readonly AccountSign[] };

/**
 * Judges how an account sent in the last hour by how it sent before. Only high certainty is reason enough to hold mail: a
 * jump in volume together with what only a stolen account shows. Where nothing says what is usual (in the first week by the
 * calendar, unless a person has confirmed a day of it) a volume that no new account needs stands for the jump, and the spam
 * filter's points count by themselves.
 */
export function judgeAccount(record: AccountRecord, now: number): AccountJudgement {
  const recent = recentSums(record, now);
  const today = Math.floor(now / 86_400_000);
  const usual = record.days.filter(({ day, isOdd }) => day < today && !isOdd);
  const isNew = now - record.since < bounds.newMs;
  const hasHistory = isNew ? usual.some(({ isConfirmed }) => isConfirmed) : usual.length > 0;
  const peak = Math.max(0, ...usual.map(({ peakHour }) => peakHour));
  const signs: AccountSign[] = [];
  const share = (part: number) => (recent.recipients === 0 ? 0 : part / recent.recipients);

  if (hasHistory && recent.recipients >= Math.max(bounds.volumeMin, peak * bounds.volumeTimes))
    signs.push({ kind: "volume", measured: recent.recipients, of: peak });
  if (
    hasHistory &&
    recent.firstTime >= bounds.firstTimeMin &&
    share(recent.firstTime) >= bounds.firstTimeShare
  )
    signs.push({ kind: "first-time", measured: recent.firstTime, of: recent.recipients });
  const isNewVolume = !hasHistory && recent.recipients >= bounds.newVolumeMin;
  if (isNewVolume) signs.push({ kind: "volume", measured: recent.recipients, of: null });
  if (recent.newNetworks >= bounds.newNetworksMin)
    signs.push({ kind: "networks", measured: recent.newNetworks, of: null });
  if (recent.bounced >= bounds.bouncedMin && share(recent.bounced) >= bounds.bouncedShare)
    signs.push({ kind: "bounces", measured: recent.bounced, of: recent.recipients });
  const scored = usual.reduce((sum, day) => sum + day.scored, 0);
  const isScoreKnown = hasHistory && scored >= bounds.scoredMin;
  if (isScoreKnown && recent.scored >= bounds.scoredMin) {
    const before = usual.reduce((sum, day) => sum + day.scoreSum, 0) / scored;
    const now = recent.scoreSum / recent.scored;
    if (now - before >= bounds.scoreRise)
      signs.push({ kind: "score", measured: rounded(now), of: rounded(before) });
  }
  if (!isScoreKnown && recent.scored >= bounds.scoredMin) {
    const points = recent.scoreSum / recent.scored;
    if (points >= bounds.newScoreMin) signs.push({ kind: "score", measured: rounded(points), of: null });
  }

  const has = (kind: AccountSignKind) => signs.some((sign) => sign.kind === kind);
  const isTelling = has("networks") || has("bounces") || has("score");
  // Everybody is a stranger to who has written to nobody yet, so that alone is no sign of it.
  if (isNewVolume && isTelling && share(recent.firstTime) >= bounds.newFirstTimeShare)
    signs.push({ kind: "first-time", measured: recent.firstTime, of: recent.recipients });
  // Who has no history is held only if the many are strangers to it besides.
  if (has("volume") && isTelling && (hasHistory || has("first-time")))
    return { kind: "suspicious", certainty: "high", signs };
  // Each of these alone has an innocent reason: a newsletter, a journey, a stale list, an odd letter.
  if (signs.length >= 2 || has("volume") || has("networks"))
    return { kind: "suspicious", certainty: "possible", signs };
  return hasHistory ? { kind: "usual" } : { kind: "not-enough-history", days: usual.length };
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
