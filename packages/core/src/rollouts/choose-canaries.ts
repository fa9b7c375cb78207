/** A server as far as its being a canary goes; `proves` are the keys of the versions that it would get. */
export interface CanaryCandidate {
  readonly id: string;
  readonly isEligible: boolean;
  readonly isPreferred: boolean;
  /** It has to wait before it can be changed, and everybody with it. */
  readonly isHindered: boolean;
  readonly proves: readonly string[];
}

/**
 * A few servers among which every version is found at least `serversMin` times, or as often as there are eligible servers
 * with it: always the one next that proves the most of what is still open, those that were named for it before all
 * others, those that have to wait after all others, and of equal ones the first. Gives the versions that are proven so; the others nobody can prove.
 */
export function chooseCanaries(
  candidates: readonly CanaryCandidate[],
  serversMin: number,
): { ids: ReadonlySet<string>; proven: ReadonlySet<string> } {
  const eligible = candidates.filter(({ isEligible }) => isEligible);
  const holders = new Map<string, number>();
  for (const { proves } of eligible) for (const key of proves) holders.set(key, (holders.get(key) ?? 0) + 1);
  const open = new Map([...holders].map(([key, count]) => [key, Math.min(count, serversMin)]));
  const ids = new Set<string>();
  for (let left = eligible; open.size > 0; left = left.filter(({ id }) => !ids.has(id))) {
    const best = bestOf(left, open);
    if (best === null) break;
    ids.add(best.id);
    for (const key of best.proves) {
      const missing = (open.get(key) ?? 0) - 1;
      if (missing > 0) open.set(key, missing);
      else open.delete(key);
    }
  }
  return { ids, proven: new Set(holders.keys()) };
}

function bestOf(
  candidates: readonly CanaryCandidate[],
  open: ReadonlyMap<string, number>,
): CanaryCandidate | null {
  let best: Gaining | null = null;
  for (const candidate of candidates) {
    const gain = candidate.proves.filter((key) => open.has(key)).length;
    if (gain === 0) continue;
    if (best === null || isBetter({ candidate, gain }, best)) best = { candidate, gain };
  }
  return best?.candidate ?? null;
}

interface Gaining {
  readonly candidate: CanaryCandidate;
  readonly gain: number;
}

function isBetter(one: Gaining, best: Gaining): boolean {
  if (one.candidate.isHindered !== best.candidate.isHindered) return best.candidate.isHindered;
  if (one.candidate.isPreferred !== best.candidate.isPreferred) return one.candidate.isPreferred;
  return one.gain > best.gain;
}
