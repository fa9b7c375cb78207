const promisedWithinMs = 366 * 86_400_000;

/** Whether somebody will come back to it. Nobody does in the demo, whose names lead nowhere in the world. */
export function isToBeLookedAt(nextAt: Date, now: Date): boolean {
  return nextAt.getTime() - now.getTime() < promisedWithinMs;
}
