import { setTimeout as pause } from "node:timers/promises";
import { LabError } from "./command.ts";

export interface WaitOptions {
  /** How long the condition may take to become true. */
  readonly timeoutMs?: number;
  readonly intervalMs?: number;
}

/**
 * Asks until the answer is neither undefined nor false and returns it. An error counts as "not yet"; when time
 * is up, LabError names what was waited for and the last error.
 */
export async function waitFor<T>(
  what: string,
  condition: () => Promise<T | undefined | false> | T | undefined | false,
  options: WaitOptions = {},
): Promise<T> {
  const timeoutMs = options.timeoutMs ?? 60_000;
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  while (Date.now() < deadline) {
    try {
      const answer = await within(deadline - Date.now(), condition);
      if (answer !== undefined && answer !== false) return answer;
    } catch (cause) {
      last = cause;
    }
    await pause(Math.min(options.intervalMs ?? 100, Math.max(0, deadline - Date.now())));
  }
  const words = last instanceof Error ? `: ${last.message}` : "";
  throw new LabError(`Waited ${timeoutMs / 1000} s for ${what}${words}`, { cause: last });
}

/** The condition's answer, or undefined when it takes longer than is left: a question that hangs must not outlast the wait. */
async function within<T>(
  leftMs: number,
  condition: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T | undefined | false> {
  const answered = new AbortController();
  try {
    const late = pause(leftMs, undefined, { signal: answered.signal }).catch(() => undefined);
    return await Promise.race([condition(), late]);
  } finally {
    answered.abort();
  }
}
