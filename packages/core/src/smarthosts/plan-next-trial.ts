const minuteMs = 60_000;

/**
 * Waits between the tries of a smarthost. The first outlasts a restart, the next ones a usual greylisting, the last a
 * service's bad afternoon; who is still not ready then is looked at by a person.
 */
const waitsMs = [1, 5, 15, 60, 240].map((minutes) => minutes * minuteMs);

/** When a smarthost that failed for now is tried again, after it was tried so often; null when it was often enough. */
export function planNextTrial(tries: number, now: Date): Date | null {
  const waitMs = waitsMs[tries - 1];
  return waitMs === undefined ? null : new Date(now.getTime() + waitMs);
}
