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
  | ({ kind: "done" } & Told)
  /** The zone was no longer as the changes were planned for, so nothing was written. */
  | { kind: "changed-meanwhile" }
  /** Nothing was written; `mayStillCome` when no answer says that the provider will not write it yet. */
  | { kind: "failed"; error: DnsProviderError; mayStillCome: boolean }
  /** Some changes stand and others do not, or it could not be read which do. */
  | ({ kind: "half-done"; done: SetChange[]; open: SetChange[]; error: DnsProviderError | null } & Told);

interface Told {
  /** What somebody else did in the same moment, in sentences; left out when nothing shows that anybody did. */
  notices?: readonly string[];
}

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

  const notices: string[] = [];
  const told = (outcome: WriteOutcome, shown: readonly RecordSet[]): WriteOutcome => {
    if (outcome.kind !== "done" && outcome.kind !== "half-done") return outcome;
    const all = [...notices, ...othersWork(shown, changes, outcome)];
    return all.length === 0 ? outcome : { ...outcome, notices: all };
  };
  const error = await provider
    .writeSets(zone, changes, (sentence) => notices.push(sentence))
    .then(() => null, asProviderError);
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
    if (!(now instanceof DnsProviderError) && isDone(now, changes)) return told({ kind: "done" }, now);
  }
  if (now instanceof DnsProviderError) return { ...nothingKnown, error: error ?? now };
  // Where sets are written one by one, some may stand before another is found to have changed.
  if (error?.problem === "changed-meanwhile") {
    const { done, open } = doneAmong(now, changes);
    return done.length === 0
      ? { kind: "changed-meanwhile" }
      : told({ kind: "half-done", done, open, error }, now);
  }
  const back =
    error === null || error.problem === "unreachable" ? [] : wayBack({ before, now, changes, error });
  if (back.length > 0) {
    // When the way back fails too, what is read is told, and the next plan begins with it.
    await provider.writeSets(zone, back).catch(asProviderError);
    const after = await read();
    if (!(after instanceof DnsProviderError)) now = after;
  }
  return told(judge({ before, now, changes, error }), now);
}

function isDone(now: readonly RecordSet[], changes: readonly SetChange[]): boolean {
  return changes.every((change) => isMade(now, change));
}

/** Whether all that was to come or stay stands and all that was to go is gone; somebody else may have added to it. */
function isMade(now: readonly RecordSet[], change: SetChange): boolean {
  const values = valuesIn(now, change);
  return (
    change.after.every((value) => values.includes(value)) &&
    !change.before.some((value) => !change.after.includes(value) && values.includes(value))
  );
}

function valuesIn(sets: readonly RecordSet[], { name, type }: SetChange): readonly string[] {
  return sets.find((set) => setKey(set) === setKey({ name, type }))?.values ?? [];
}

/** What stands where it was not written, so that nobody has to find out by himself who wrote last. */
function othersWork(
  now: readonly RecordSet[],
  changes: readonly SetChange[],
  outcome: WriteOutcome,
): string[] {
  return changes.flatMap((change) => {
    const values = valuesIn(now, change);
    const known = [...change.before, ...change.after];
    const others = values.filter((value) => !known.includes(value));
    const isLost = outcome.kind === "half-done" && outcome.error === null && !isMade(now, change);
    if (others.length === 0 && !isLost) return [];
    const set = `the ${change.type} records of ${change.name}`;
    const list = (all: readonly string[]) => (all.length === 0 ? "nothing" : all.join(" | "));
    return [
      `Somebody else wrote ${set} in the same moment: before stood ${list(change.before)}, we wrote ${list(change.after)}, now stands ${list(values)}.`,
    ];
  });
}

function judge({ before, now, changes, error }: Attempt): WriteOutcome {
  if (isDone(now, changes)) return { kind: "done" };
  if (error !== null && standingState(now) === standingState(before))
    return { kind: "failed", error, mayStillCome: unclearProblems.includes(error.problem) };
  return { kind: "half-done", ...doneAmong(now, changes), error };
}

function doneAmong(now: readonly RecordSet[], changes: readonly SetChange[]) {
  const done = changes.filter((change) => isMade(now, change));
  return { done, open: changes.filter((change) => !done.includes(change)) };
}

/** The changes that undo what was made under a name that lost something and lacks what should have come in its place. */
function wayBack({ before, now, changes }: Attempt): SetChange[] {
  const isWritten = (change: SetChange) => isMade(now, change);
  const hasLost = (change: SetChange) => change.before.some((value) => !change.after.includes(value));
  const isToCome = (change: SetChange) => change.after.some((value) => !change.before.includes(value));
  const names = new Set(
    changes
      .filter((change) => isWritten(change) && hasLost(change))
      .map(({ name }) => name)
      .filter((name) =>
        changes.some((change) => change.name === name && !isWritten(change) && isToCome(change)),
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
