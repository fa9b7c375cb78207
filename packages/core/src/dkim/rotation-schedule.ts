const dayMs = 86_400_000;

export const rotationIntervalDaysDefault = 90;
// A new key signs for some days and is watched before the next may come, and a delegated name has rested by then.
export const rotationIntervalDaysMin = 30;
export const rotationIntervalDaysMax = 730;

export interface RotationScheduleInput {
  domainId: string;
  /** Null is off: keys are rotated by hand only. */
  intervalDays: number | null;
  /** When the keys that sign now began to be the domain's: the last rotation's start, or the domain's own. */
  since: Date;
}

/**
 * When the next rotation of a domain is due, or null when its schedule is off. Each domain has a moment of its own in
 * the interval, by its id, so that domains that came together do not rotate together; the first one after `since` that
 * leaves at least half an interval.
 */
export function nextRotationAt({ domainId, intervalDays, since }: RotationScheduleInput): Date | null {
  if (intervalDays === null) return null;
  const intervalMs = intervalDays * dayMs;
  const ownMs = Math.floor(intervalMs * shareOf(domainId));
  const earliestMs = since.getTime() + intervalMs / 2;
  return new Date(Math.ceil((earliestMs - ownMs) / intervalMs) * intervalMs + ownMs);
}

/** A number from 0 up to 1 that an id always gives (FNV-1a). */
function shareOf(id: string): number {
  let hash = 0x811c9dc5;
  for (const letter of id) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  // Ids that differ at their end only would otherwise come close to each other.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35) >>> 0;
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
