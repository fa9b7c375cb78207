import { type PeriodCount, type ProviderId, type ReplyCategory, replyCategories } from "../delivery/index.ts";

/** One kind of reply of one receiver, from the time that it began to come to the time that it came no more. */
export interface Incident {
  readonly provider: ProviderId | null;
  readonly category: ReplyCategory;
  /** Beginnings of the first and the last period with such a reply, in milliseconds since 1970. */
  readonly beganAt: number;
  readonly lastAt: number;
  /** False while it may still come again: since the last one less than the quiet time has passed. */
  readonly isOver: boolean;
  readonly temporary: number;
  readonly permanent: number;
  /** The last period with a delivery to that receiver; null where there was none in the time that was looked at. */
  readonly lastDeliveredAt: number | null;
}

/**
 * Tells what went wrong as a time line: replies of one kind belong together until none came for `quietMs`. What is
 * part of every healthy day, or about one recipient, is left out. Those that go on come first, then the latest.
 */
export function incidentsOf(
  counts: readonly PeriodCount[],
  { now, quietMs }: { now: number; quietMs: number },
): readonly Incident[] {
  const outbound = counts.filter(({ direction }) => direction === "outbound");
  const told = outbound.filter(
    ({ category }) =>
      category !== null &&
      replyCategories[category].severity !== "normal" &&
      replyCategories[category].retry !== "suppress",
  );
  const groups = Map.groupBy(told, ({ provider, category }) => JSON.stringify([provider, category]));
  return [...groups.values()]
    .flatMap((group) => splitByQuiet(group, quietMs))
    .flatMap((run) => incident(run, { outbound, now, quietMs }))
    .sort((a, b) => Number(a.isOver) - Number(b.isOver) || b.lastAt - a.lastAt || b.beganAt - a.beganAt);
}

function splitByQuiet(counts: readonly PeriodCount[], quietMs: number): PeriodCount[][] {
  const runs: PeriodCount[][] = [];
  for (const count of [...counts].sort((a, b) => a.startsAt - b.startsAt)) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (run === undefined || last === undefined || count.startsAt - last.startsAt > quietMs)
      runs.push([count]);
    else run.push(count);
  }
  return runs;
}

function incident(
  run: readonly PeriodCount[],
  { outbound, now, quietMs }: { outbound: readonly PeriodCount[]; now: number; quietMs: number },
): Incident[] {
  const [first] = run;
  const last = run.at(-1);
  if (first === undefined || last === undefined || first.category === null) return [];
  const permanent = total(run.filter(({ status }) => status !== "deferred"));
  const delivered = outbound.filter(
    ({ provider, status }) => provider === first.provider && status === "sent",
  );
  return [
    {
      provider: first.provider,
      category: first.category,
      beganAt: first.startsAt,
      lastAt: last.startsAt,
      isOver: now - last.startsAt > quietMs,
      temporary: total(run) - permanent,
      permanent,
      lastDeliveredAt:
        delivered.length === 0
          ? null
          : delivered.reduce((latest, { startsAt }) => Math.max(latest, startsAt), Number.NEGATIVE_INFINITY),
    },
  ];
}

const total = (counts: readonly PeriodCount[]): number =>
  counts.reduce((sum, { attempts }) => sum + attempts, 0);
