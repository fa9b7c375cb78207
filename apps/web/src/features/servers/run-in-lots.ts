export interface LotsEnd<Result> {
  readonly results: readonly Result[];
  /** What has not been tried because something went wrong before; empty when all went through. */
  readonly rest: readonly string[];
  readonly error: unknown;
}

/**
 * Sends ids in lots, one after the other, and stops at the first lot that fails: what was sent before stands, and what is left
 * can be sent later.
 */
export async function runInLots<Result>(
  ids: readonly string[],
  {
    lotMax,
    send,
    onProgress,
  }: {
    lotMax: number;
    send: (lot: string[]) => Promise<Result>;
    onProgress: (done: number) => void;
  },
): Promise<LotsEnd<Result>> {
  const results: Result[] = [];
  for (let from = 0; from < ids.length; from += lotMax) {
    try {
      results.push(await send(ids.slice(from, from + lotMax)));
    } catch (error) {
      return { results, rest: ids.slice(from), error };
    }
    onProgress(Math.min(ids.length, from + lotMax));
  }
  return { results, rest: [], error: null };
}
