import { setTimeout as wait } from "node:timers/promises";
import {
  applyChanges,
  type RecordSet,
  type SetChange,
  setKey,
  standingState,
} from "@mailstead/core/publishing";
import {
  type DnsProvider,
  DnsProviderError,
  type DnsProviderProblem,
  type ProviderZone,
} from "./provider.ts";

export type WriteOutcome =
  /** The zone shows every change. */
  | { kind: "done" }
  /** The zone was no longer as the changes were planned for, so nothing was written. */
  | { kind: "changed-meanwhile" }
  /** Nothing was written; `mayStillCome` when no answer says that the provider will not write it yet. */
  | { kind: "failed"; error: DnsProviderError; mayStillCome: boolean }
  /** Some changes stand and others do not, or it could not be read which do. */
  | { kind: "half-done"; done: SetChange[]; open: SetChange[]; error: DnsProviderError | null };

export interface WriteOptions {
  /** Some providers show a change a moment after they took it. */
  lookAgainAfterMs?: readonly number[];
}

/** What was seen before and after the changes were asked for, and what the provider said. */
interface Attempt {
  before: readonly RecordSet[];
  now: readonly RecordSet[];
  changes: readonly SetChange[];
  error: DnsProviderError | null;
}

interface ZoneChanges {
  provider: DnsProvider;
  zone: ProviderZone;
  changes: readonly SetChange[];
}

const defaultLookAgainAfterMs = [500, 2000];
/** What a provider does without saying whether it has taken or will take the changes. */
const unclearProblems: readonly DnsProviderProblem[] = ["unreachable", "unreadable", "provider-failed"];

/**
 * Writes changes into a zone and reads them back: what counts is what the provider shows then, whatever it said. An
 * error after which every change stands is none, because only the answer was lost. A name that has lost something and
 * did not get what was to come in its place becomes again what it was.
 */
export async function writeChanges(
  { provider, zone, changes }: ZoneChanges,
  { lookAgainAfterMs = defaultLookAgainAfterMs }: WriteOptions = {},
): Promise<WriteOutcome> {
  if (changes.length === 0) return { kind: "done" };
  const names = [...new Set(changes.map(({ name }) => name))];
  const read = () => provider.readSets(zone, names).catch(asProviderError);
  const before = await read();
  if (before instanceof DnsProviderError) return { kind: "failed", error: before, mayStillCome: false };
  if (!changes.every((change) => isSame(before, change, change.before))) return { kind: "changed-meanwhile" };

  const error = await provider.writeSets(zone, changes).then(() => null, asProviderError);
  // What it refused in so many words does not come later.
  const pausesMs = error === null || error.problem === "unreachable" ? [0, ...lookAgainAfterMs] : [0];
  const nothingKnown: { kind: "half-done"; done: SetChange[]; open: SetChange[] } = {
    kind: "half-done",
    done: [],
    open: [...changes],
  };
  if (error?.problem === "not-live") return { ...nothingKnown, error };
  let now: RecordSet[] | DnsProviderError = before;
  for (const pauseMs of pausesMs) {
    await wait(pauseMs);
    now = await read();
    if (!(now instanceof DnsProviderError) && isDone(now, changes)) return { kind: "done" };
  }
  if (now instanceof DnsProviderError) return { ...nothingKnown, error: error ?? now };
  // Where sets are written one by one, some may stand before another is found to have changed.
  if (error?.problem === "changed-meanwhile") {
    const { done, open } = doneAmong(now, changes);
    return done.length === 0 ? { kind: "changed-meanwhile" } : { kind: "half-done", done, open, error };
  }
  const back =
    error === null || error.problem === "unreachable" ? [] : wayBack({ before, now, changes, error });
  if (back.length > 0) {
    // When the way back fails too, what is read is told, and the next plan begins with it.
    await provider.writeSets(zone, back).catch(asProviderError);
    const after = await read();
    if (!(after instanceof DnsProviderError)) now = after;
  }
  return judge({ before, now, changes, error });
}

function isDone(now: readonly RecordSet[], changes: readonly SetChange[]): boolean {
  return changes.every((change) => isSame(now, change, change.after));
}

function judge({ before, now, changes, error }: Attempt): WriteOutcome {
  if (isDone(now, changes)) return { kind: "done" };
  if (error !== null && standingState(now) === standingState(before))
    return { kind: "failed", error, mayStillCome: unclearProblems.includes(error.problem) };
  return { kind: "half-done", ...doneAmong(now, changes), error };
}

function doneAmong(now: readonly RecordSet[], changes: readonly SetChange[]) {
  const done = changes.filter((change) => isSame(now, change, change.after));
  return { done, open: changes.filter((change) => !done.includes(change)) };
}

/** The changes that undo what was made under a name that lost something and lacks what should have come in its place. */
function wayBack({ before, now, changes }: Attempt): SetChange[] {
  const isMade = (change: SetChange) => isSame(now, change, change.after);
  const hasLost = (change: SetChange) => change.before.some((value) => !change.after.includes(value));
  const isToCome = (change: SetChange) => change.after.some((value) => !change.before.includes(value));
  const names = new Set(
    changes
      .filter((change) => isMade(change) && hasLost(change))
      .map(({ name }) => name)
      .filter((name) =>
        changes.some((change) => change.name === name && !isMade(change) && isToCome(change)),
      ),
  );
  return changes
    .filter((change) => names.has(change.name) && !isSame(now, change, change.before))
    .map((change) => {
      const { values } = now.find((set) => setKey(set) === setKey(change)) ?? { values: [] };
      const old = before.find((set) => setKey(set) === setKey(change))?.values ?? [];
      return { ...change, before: values, after: old, added: [], removed: [], replaced: [] };
    })
    .reverse();
}

function isSame(sets: readonly RecordSet[], change: SetChange, values: readonly string[]): boolean {
  const own = sets.filter((set) => setKey(set) === setKey(change));
  return standingState(own) === standingState(applyChanges([], [{ ...change, after: values }]));
}

function asProviderError(cause: unknown): DnsProviderError {
  if (cause instanceof DnsProviderError) return cause;
  throw cause;
}
