export interface Looker {
  /** Looks soon; many wake-ups in a row are one look. */
  wake(): void;
  /** Finishes the look in hand; wake-ups do nothing after it. */
  close(): Promise<void>;
}

/**
 * Runs `look` whenever it is woken, never two at a time. A look that returns "again" has left something and is followed
 * by another; one that throws is told to `failed` and followed by the next wake-up.
 */
export function oneLookAtATime(
  look: () => Promise<"again" | "done">,
  failed: (problem: unknown) => void,
): Looker {
  let isWoken = false;
  let isClosed = false;
  let running: Promise<void> | null = null;

  async function run(): Promise<void> {
    while (isWoken && !isClosed) {
      isWoken = false;
      try {
        if ((await look()) === "again") isWoken = true;
      } catch (problem) {
        failed(problem);
      }
    }
  }

  const looker: Looker = {
    wake() {
      isWoken = true;
      running ??= run().finally(() => {
        running = null;
        if (isWoken && !isClosed) looker.wake();
      });
    },
    async close() {
      isClosed = true;
      await running;
    },
  };
  return looker;
}
