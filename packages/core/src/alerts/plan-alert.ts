import type { FindingSeverity } from "../dns/index.ts";
import { isQuiet, type QuietHours } from "./quiet-hours.ts";

/** A finding as an alert sees it. Subject and key together say that it is the same one, also when it comes back. */
export interface AlertedFinding {
  readonly subject: string;
  readonly key: string;
  readonly severity: FindingSeverity;
  readonly openedAt: Date;
  /** Null while it is open. */
  readonly closedAt: Date | null;
  /** A person has seen it, or wants to hear nothing of it until then. */
  readonly isAcknowledged: boolean;
  readonly snoozedUntil: Date | null;
  /** Part of an event of many servers, which is told instead. */
  readonly isFolded: boolean;
}

/** What a channel was told came and was not told went. */
export interface ToldFinding {
  readonly subject: string;
  readonly key: string;
  readonly severity: FindingSeverity;
}

/** What a channel wants to hear. */
export interface AlertWish {
  readonly leastSeverity: FindingSeverity;
  /** Beginnings of keys; empty for everything. */
  readonly keyPrefixes: readonly string[];
  readonly quietHours: QuietHours | null;
  /** What is told in quiet hours too; null for nothing. */
  readonly breaksThrough: FindingSeverity | null;
}

export interface AlertPlan<Finding extends AlertedFinding> {
  readonly opened: readonly Finding[];
  /** Told before as less than it is. */
  readonly worse: readonly Finding[];
  readonly closed: readonly ToldFinding[];
}

const weight: Readonly<Record<FindingSeverity, number>> = { instruction: 0, warning: 1, error: 2 };
const minuteMs = 60_000;
/** What goes within this time is told to nobody, and what comes within it goes into one alert. */
export const opensAfterMs = minuteMs;
/** What comes back within this time never went, so it is told once. */
export const closesAfterMs = 10 * minuteMs;

/**
 * Plans what a channel is to be told now: the difference between what it was told and what is. So each coming and each
 * going is told once, whatever happened in between and however often this is asked. `findings` holds what is open, and of
 * what closed lately the newest of each.
 */
export function planAlert<Finding extends AlertedFinding>(
  { findings, told }: { findings: readonly Finding[]; told: readonly ToldFinding[] },
  wish: AlertWish,
  now: Date,
): AlertPlan<Finding> {
  const isNight = wish.quietHours !== null && isQuiet(wish.quietHours, now);
  const mayTell = (severity: FindingSeverity) =>
    !isNight || (wish.breaksThrough !== null && weight[severity] >= weight[wish.breaksThrough]);
  const known = new Map(told.map((one) => [idOf(one), one]));
  const open = findings.filter(({ closedAt }) => closedAt === null);
  const isOpen = new Set(open.map(idOf));
  const closedAt = new Map<string, number>();
  for (const one of findings)
    if (one.closedAt !== null)
      closedAt.set(idOf(one), Math.max(one.closedAt.getTime(), closedAt.get(idOf(one)) ?? 0));
  const news = open.filter(
    (one) => isWanted(one, wish) && isSettled(one, now) && !isSilenced(one, now) && mayTell(one.severity),
  );
  return {
    opened: news.filter((one) => !known.has(idOf(one))),
    worse: news.filter((one) => {
      const before = known.get(idOf(one));
      return before !== undefined && weight[one.severity] > weight[before.severity];
    }),
    closed: told.filter((one) => {
      if (isOpen.has(idOf(one)) || !mayTell(one.severity)) return false;
      // What is gone with its server or its domain has no row that says when.
      const at = closedAt.get(idOf(one));
      return at === undefined || now.getTime() - at >= closesAfterMs;
    }),
  };
}

function isWanted({ severity, key }: AlertedFinding, { leastSeverity, keyPrefixes }: AlertWish): boolean {
  return (
    weight[severity] >= weight[leastSeverity] &&
    (keyPrefixes.length === 0 || keyPrefixes.some((prefix) => key.startsWith(prefix)))
  );
}

function isSettled({ openedAt }: AlertedFinding, now: Date): boolean {
  return now.getTime() - openedAt.getTime() >= opensAfterMs;
}

function isSilenced({ isAcknowledged, snoozedUntil, isFolded }: AlertedFinding, now: Date): boolean {
  return isFolded || isAcknowledged || (snoozedUntil !== null && snoozedUntil > now);
}

function idOf({ subject, key }: { subject: string; key: string }): string {
  return `${subject} ${key}`;
}
