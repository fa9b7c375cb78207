const hourMs = 3_600_000;

// Every domain is checked once a day; two hours of grace tell a late check from one that did not happen.
const freshForMs = 26 * hourMs;

/** Whether a check lies so far back that it no longer says how things are. */
export function isOutdated(checkedAt: Date, now: Date): boolean {
  return now.getTime() - checkedAt.getTime() > freshForMs;
}
