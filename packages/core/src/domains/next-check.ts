const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

export interface CheckedDomain {
  /** A UUID; its end is random and says at which time of the day its turn is. */
  domainId: string;
  /** Since when it is known not to be right, or the last change of one that is not; null when it is right. */
  unsettledSince: Date | null;
  /** When the youngest key became known that waits to be seen by the world; null when none waits. */
  waitingSince: Date | null;
}

/** How soon after a change a domain is asked about that is not right, then every hour of the first day. */
const recheckAfterMs = [minuteMs, 5 * minuteMs, 15 * minuteMs, hourMs];

/** How often a domain is asked about whose key waits, by how long it has waited: people publish soon or late. */
const patience = [
  { knownForMs: dayMs, everyMs: minuteMs },
  { knownForMs: 30 * dayMs, everyMs: 30 * minuteMs },
  { knownForMs: Number.POSITIVE_INFINITY, everyMs: 6 * hourMs },
];

/** A check just before its daily turn would say nothing new. */
const dailyGapMinMs = hourMs;

/** What is due once something about a domain has changed: a check now, and again soon until it is right. */
export function checkSoon(now: Date): { nextCheckAt: Date; unsettledSince: Date } {
  return { nextCheckAt: now, unsettledSince: now };
}

/** When a domain that was checked now is checked again: each day at its own time, sooner while something is to come. */
export function planNextCheck(domain: CheckedDomain, now: Date): Date {
  const times = [
    nextDailyTurnMs(domain.domainId, now.getTime()),
    ...nextRecheckMs(domain.unsettledSince, now.getTime()),
    ...nextLookForKeysMs(domain.waitingSince, now.getTime()),
  ];
  return new Date(Math.min(...times));
}

function nextDailyTurnMs(domainId: string, nowMs: number): number {
  const turnMs = Math.floor((Number.parseInt(domainId.slice(-8), 16) / 2 ** 32) * dayMs);
  const earliestMs = nowMs + dailyGapMinMs;
  const todayMs = earliestMs - (earliestMs % dayMs) + turnMs;
  return todayMs < earliestMs ? todayMs + dayMs : todayMs;
}

function nextRecheckMs(since: Date | null, nowMs: number): number[] {
  if (since === null) return [];
  const elapsedMs = nowMs - since.getTime();
  const after = recheckAfterMs.find((afterMs) => afterMs > elapsedMs);
  if (after !== undefined) return [since.getTime() + after];
  return elapsedMs < dayMs ? [nowMs + hourMs] : [];
}

function nextLookForKeysMs(since: Date | null, nowMs: number): number[] {
  if (since === null) return [];
  const found = patience.find(({ knownForMs }) => nowMs - since.getTime() < knownForMs);
  return found === undefined ? [] : [nowMs + found.everyMs];
}
