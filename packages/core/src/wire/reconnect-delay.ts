const delayMinMs = 1_000;
const delayMaxMs = 120_000;

/**
 * How long to wait before the next connection: full jitter over a bound that doubles with each failure, so that a
 * fleet that lost its gateway does not come back in step; never sooner than the gateway asked for.
 * @param chance uniform in [0, 1)
 */
export function reconnectDelayMs(input: { failures: number; retryAfterMs: number; chance: number }): number {
  const bound = Math.min(delayMaxMs, delayMinMs * 2 ** (1 + Math.min(input.failures, 20)));
  const jittered = delayMinMs + input.chance * (bound - delayMinMs);
  if (input.retryAfterMs <= 0) return jittered;
  return input.retryAfterMs + input.chance * Math.min(input.retryAfterMs, delayMaxMs);
}
