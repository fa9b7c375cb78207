import type { NameServerAddress } from "./query-name-server.ts";

/**
 * Questions that one address is asked at the same time, by all checks of this process together. Name servers of a
 * provider answer for thousands of domains, and limit whoever asks them more than a resolver would.
 */
export const questionsAtOnceMax = 8;
/** The same for the resolver, which is there to be asked by us. */
export const resolverQuestionsAtOnceMax = 64;

interface Pace {
  asking: number;
  waiting: (() => void)[];
}

const paces = new Map<string, Pace>();

/** Resolves when the address may be asked one more question; call what it gives when the answer is there. */
export async function waitForTurn(
  { address, port }: NameServerAddress,
  atOnceMax = questionsAtOnceMax,
): Promise<() => void> {
  const key = `${address}#${port}`;
  const pace = paces.get(key) ?? { asking: 0, waiting: [] };
  paces.set(key, pace);
  // Whoever ends hands its place over, so that it is never counted as free in between.
  if (pace.asking >= atOnceMax) await new Promise<void>((resolve) => pace.waiting.push(resolve));
  else pace.asking += 1;
  return () => {
    const next = pace.waiting.shift();
    if (next !== undefined) return next();
    pace.asking -= 1;
    if (pace.asking === 0) paces.delete(key);
  };
}
