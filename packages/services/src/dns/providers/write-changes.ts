import { setTimeout as wait } from "node:timers/promises";
import {
  applyChanges,
  type RecordSet,
  type SetChange,
  setKey,
  standingState,
} from "@mailstead/core/publishing";
import { type DnsProvider, DnsProviderError, type ProviderZone } from "./provider.ts";

export type WriteOutcome =
  /** The zone shows every change. */
  | { kind: "done" }
  /** The zone was no longer as the changes were planned for, so nothing was written. */
  | { kind: "changed-meanwhile" }
  /** Nothing was written. */
  | { kind: "failed"; error: DnsProviderError }
  /** Some changes stand and others do not, or it could not be read which do. */
  | { kind: "half-done"; done: SetChange[]; open: SetChange[]; error: DnsProviderError | null };

export interface WriteOptions {
  /** Some providers show a change a moment after they took it. */
  lookAgainAfterMs?: readonly number[];
}

interface ZoneChanges {
  provider: DnsProvider;
  zone: ProviderZone;
  changes: readonly SetChange[];
}

const defaultLookAgainAfterMs = [500, 2000];

/**
 * Writes changes into a zone and reads them back: what counts is what the provider shows then, whatever it said. An
 * error after which every change stands is none, because only the answer was lost.
 */
export async function writeChanges(
  { provider, zone, changes }: ZoneChanges,
  { lookAgainAfterMs = defaultLookAgainAfterMs }: WriteOptions = {},
): Promise<WriteOutcome> {
  if (changes.length === 0) return { kind: "done" };
  const names = [...new Set(changes.map(({ name }) => name))];
  const read = () => provider.readSets(zone, names).catch(asProviderError);
  const before = await read();
  if (before instanceof DnsProviderError) return { kind: "failed", error: before };
  if (!changes.every((change) => isSame(before, change, change.before))) return { kind: "changed-meanwhile" };

  const error = await provider.writeSets(zone, changes).then(() => null, asProviderError);
  if (error?.problem === "changed-meanwhile") return { kind: "changed-meanwhile" };
  // What it refused in so many words does not come later.
  const pausesMs = error === null || error.problem === "unreachable" ? [0, ...lookAgainAfterMs] : [0];
  let outcome: WriteOutcome = { kind: "half-done", done: [], open: [...changes], error };
  for (const pauseMs of pausesMs) {
    await wait(pauseMs);
    const now = await read();
    outcome =
      now instanceof DnsProviderError
        ? { kind: "half-done", done: [], open: [...changes], error: error ?? now }
        : judge(now, { before, changes, error });
    if (outcome.kind === "done") return outcome;
  }
  return outcome;
}

function judge(
  now: readonly RecordSet[],
  {
    before,
    changes,
    error,
  }: { before: readonly RecordSet[]; changes: readonly SetChange[]; error: DnsProviderError | null },
): WriteOutcome {
  const done = changes.filter((change) => isSame(now, change, change.after));
  if (done.length === changes.length) return { kind: "done" };
  if (error !== null && standingState(now) === standingState(before)) return { kind: "failed", error };
  return { kind: "half-done", done, open: changes.filter((change) => !done.includes(change)), error };
}

function isSame(sets: readonly RecordSet[], change: SetChange, values: readonly string[]): boolean {
  const own = sets.filter((set) => setKey(set) === setKey(change));
  return standingState(own) === standingState(applyChanges([], [{ ...change, after: values }]));
}

function asProviderError(cause: unknown): DnsProviderError {
  if (cause instanceof DnsProviderError) return cause;
  throw cause;
}
