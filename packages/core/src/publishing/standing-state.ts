import { type RecordSet, setKey } from "./record-set.ts";

/** A text that is equal for two readings of a zone exactly when they hold the same values. */
export function standingState(sets: readonly RecordSet[]): string {
  return sets
    .filter((set) => set.values.length > 0)
    .map((set) => [setKey(set), ...[...set.values].sort()].join("\t"))
    .sort()
    .join("\n\n");
}
