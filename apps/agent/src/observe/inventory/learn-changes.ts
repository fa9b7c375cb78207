import { cutText } from "@mailstead/core/text";
import type { ChangelogReading } from "@mailstead/core/updates";
import type { Host } from "../../platform/host.ts";
import { type AskedChangelog, type Changes, readChangelogs } from "./changelogs.ts";

/** What is known of changelogs, by `nameOfChanges`, and when the next may be asked for. */
export interface KnownChanges {
  readonly changes: Readonly<Record<string, Changes>>;
  readonly nextAtUnixMs: number;
  readonly reading: ChangelogReading;
}

export const noChangesKnown: KnownChanges = { changes: {}, nextAtUnixMs: 0, reading: { kind: "read" } };

/** A fleet that waits for the same update asks the same archive, so each host asks for a few, and seldom in vain. */
export const changelogsAtOnce = 20;
export const askAgainMs = { more: 5 * 60_000, inVain: 6 * 60 * 60_000 } as const;

export function nameOfChanges({ sourceName, from, to }: Omit<AskedChangelog, "packageName">): string {
  return `${sourceName} ${from} ${to}`;
}

/**
 * Reads on in the changelogs of what waits, as far as that is due, and forgets those of what waits no more. `wanted` stands in
 * the order in which they matter.
 */
export async function learnChanges(
  host: Host,
  wanted: readonly AskedChangelog[],
  known: KnownChanges,
): Promise<KnownChanges> {
  const names = new Set(wanted.map(nameOfChanges));
  const changes: Record<string, Changes> = Object.fromEntries(
    Object.entries(known.changes).filter(([name]) => names.has(name)),
  );
  const missing = wanted.filter((one) => changes[nameOfChanges(one)] === undefined);
  if (missing.length === 0) return { ...noChangesKnown, changes };
  const nowUnixMs = host.nowUnixMs();
  const waitMs = known.nextAtUnixMs - nowUnixMs;
  // A clock that was put back must not silence this for years.
  if (waitMs > 0 && waitMs <= askAgainMs.inVain)
    return { changes, nextAtUnixMs: known.nextAtUnixMs, reading: readingOf({ ...known, wanted, missing }) };
  const asked = missing.slice(0, changelogsAtOnce);
  const { changes: read, reason, isReached } = await readChangelogs(host, asked);
  for (const [place, one] of asked.entries()) {
    const found = read[place];
    if (found) changes[nameOfChanges(one)] = found;
  }
  const left = wanted.filter((one) => changes[nameOfChanges(one)] === undefined);
  const hasMore = isReached && missing.length > asked.length && left.length < missing.length;
  return {
    changes,
    nextAtUnixMs: left.length === 0 ? 0 : nowUnixMs + (hasMore ? askAgainMs.more : askAgainMs.inVain),
    reading: left.length === 0 ? { kind: "read" } : describe({ wanted, left, reason, isReached }),
  };
}

/** As it was said when it was last asked, as long as no more is missing than then. */
function readingOf({
  reading,
  wanted,
  missing,
}: {
  reading: ChangelogReading;
  wanted: readonly AskedChangelog[];
  missing: readonly AskedChangelog[];
}): ChangelogReading {
  return reading.kind === "unreachable"
    ? reading
    : describe({ wanted, left: missing, reason: null, isReached: true });
}

function describe({
  wanted,
  left,
  reason,
  isReached,
}: {
  wanted: readonly AskedChangelog[];
  left: readonly AskedChangelog[];
  reason: string | null;
  isReached: boolean;
}): ChangelogReading {
  const because = reason === null ? "" : ` (${reason})`;
  return isReached
    ? {
        kind: "partly",
        sentence: cutText(
          `The changelogs of ${left.length} of ${wanted.length} sources that wait have not been read${because}, so their CVEs and urgency are not known.`,
          500,
        ),
      }
    : {
        kind: "unreachable",
        sentence: cutText(
          `The host does not reach the place where its archives keep changelogs${because}, so CVEs and urgency are not known. It asks again every six hours.`,
          500,
        ),
      };
}
