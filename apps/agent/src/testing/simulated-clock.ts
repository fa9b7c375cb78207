/** Time that passes only when it is told to, for programs that measure what days do to the agent. */
export interface SimulatedClock {
  /** Lets so much time pass: timers that become due run in order, each as soon as what the one before began has come to rest. */
  advance(byMs: number, rest: () => Promise<void>): Promise<void>;
}

interface Timer {
  readonly id: number;
  dueMs: number;
  /** How often it comes again; null for one that comes once. */
  readonly everyMs: number | null;
  readonly call: () => void;
}

/**
 * Takes the place of this process's clocks and timers, so that code that knows nothing of it lives by this time from here on.
 * What the runtime times by itself, such as a socket, is not concerned.
 */
export function takeOverTime(beginsAtUnixMs: number): SimulatedClock {
  const timers = new Map<number, Timer>();
  let nowMs = 0;
  let nextId = 1;

  const add = (call: () => void, afterMs: number, isRepeated: boolean) => {
    const waitMs = Math.max(1, Number.isFinite(afterMs) ? afterMs : 0);
    const timer: Timer = { id: nextId++, dueMs: nowMs + waitMs, everyMs: isRepeated ? waitMs : null, call };
    timers.set(timer.id, timer);
    return handleOf(timer.id);
  };
  const handleOf = (id: number) => ({
    id,
    ref() {
      return this;
    },
    unref() {
      return this;
    },
    hasRef: () => true,
    [Symbol.toPrimitive]: () => id,
  });
  const remove = (handle: unknown) => {
    if (handle !== null && handle !== undefined) timers.delete(Number(handle));
  };
  type Call = (...args: unknown[]) => void;
  Object.assign(globalThis, {
    setTimeout: (call: Call, afterMs = 0, ...args: unknown[]) => add(() => call(...args), afterMs, false),
    setInterval: (call: Call, everyMs = 0, ...args: unknown[]) => add(() => call(...args), everyMs, true),
    clearTimeout: remove,
    clearInterval: remove,
  });
  Date.now = () => Math.round(beginsAtUnixMs + nowMs);
  performance.now = () => nowMs;

  function takeNext(untilMs: number): Timer | null {
    let next: Timer | null = null;
    for (const timer of timers.values())
      if (timer.dueMs <= untilMs && (next === null || timer.dueMs < next.dueMs)) next = timer;
    if (next === null) return null;
    nowMs = Math.max(nowMs, next.dueMs);
    if (next.everyMs === null) timers.delete(next.id);
    else next.dueMs += next.everyMs;
    return next;
  }

  return {
    async advance(byMs, rest) {
      const untilMs = nowMs + byMs;
      for (let timer = takeNext(untilMs); timer !== null; timer = takeNext(untilMs)) {
        timer.call();
        await rest();
      }
      nowMs = untilMs;
    },
  };
}
