const firstMs = 500;
const longestMs = 15_000;

/** How long to wait before the line is tried again: longer with each failure, spread by `chance` from 0 to 1. */
export function reconnectDelayMs(failures: number, chance: number): number {
  const bound = Math.min(longestMs, firstMs * 2 ** Math.min(failures, 10));
  return Math.round(bound / 2 + (bound / 2) * chance);
}
