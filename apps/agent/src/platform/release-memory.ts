/**
 * Gives back what is not used any more. The runtime does so by itself, but waits for much of it to lie about, which on a
 * small host is taken from the mail. Does nothing where the runtime has no word for it.
 */
export function releaseMemory(): void {
  (globalThis as { Bun?: { gc(isSynchronous: boolean): void } }).Bun?.gc(true);
}
