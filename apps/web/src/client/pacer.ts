/** How long it rests after a run, as a multiple of what the run took. */
const restFactor = 4;

export interface Pacer {
  /** Runs at once, or once more after the run and the rest that are under way, however often it is called meanwhile. */
  call: () => void;
  /** Ends the rest without what was asked for during it. */
  stop: () => void;
}

interface Clock {
  now: () => number;
  after: (ms: number, run: () => void) => () => void;
}

const browserClock: Clock = {
  now: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** Keeps a question that may be long from being asked all the time: the longer its answer takes, the rarer it is asked. */
export function createPacer(run: () => Promise<unknown>, clock: Clock = browserClock): Pacer {
  let state: "idle" | "busy" | "again" = "idle";
  let cancelRest = () => {};
  const begin = async () => {
    state = "busy";
    const startedAt = clock.now();
    await run().catch(() => undefined);
    const restMs = (clock.now() - startedAt) * restFactor;
    cancelRest = clock.after(restMs, () => {
      const isWanted = state === "again";
      state = "idle";
      if (isWanted) void begin();
    });
  };
  return {
    call: () => {
      if (state === "idle") void begin();
      else state = "again";
    },
    stop: () => {
      cancelRest();
      state = "idle";
    },
  };
}
