import type { VerdictCount } from "./count-verdicts.ts";

/** Verdicts of a longer period than a minute. */
export interface PeriodVerdicts extends Omit<VerdictCount, "minute"> {
  /** Beginning of the period, in milliseconds since 1970. */
  readonly startsAt: number;
}

/** Sums verdicts that fall into the same period of `periodMs` (which begins at whole multiples, UTC) and are alike in all else. */
export function foldVerdicts(counts: readonly VerdictCount[], periodMs: number): readonly PeriodVerdicts[] {
  const folded = new Map<string, PeriodVerdicts>();
  for (const { minute, ...count } of counts) {
    const startsAt = Math.floor(minute / periodMs) * periodMs;
    const { direction, domain, provider, action } = count;
    const key = JSON.stringify([startsAt, direction, domain, provider, action]);
    const sum = folded.get(key);
    folded.set(
      key,
      sum === undefined
        ? { startsAt, ...count }
        : {
            ...sum,
            messages: sum.messages + count.messages,
            facts: addCounts(sum.facts, count.facts),
            scores: addCounts(sum.scores, count.scores),
            symbols: addCounts(sum.symbols, count.symbols),
          },
    );
  }
  return [...folded.values()];
}

/** Both together, by key. */
export function addCounts<Counts extends Readonly<Partial<Record<string, number>>>>(
  one: Counts,
  other: Counts,
): Counts {
  const sum: Partial<Record<string, number>> = { ...one };
  for (const [key, count] of Object.entries(other)) sum[key] = (sum[key] ?? 0) + (count ?? 0);
  return sum as Counts;
}
