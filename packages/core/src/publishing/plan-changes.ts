import { canShare, whyInTheWay, whyKeyStays } from "./in-the-way.ts";
import { type RecordSet, type RecordValue, setKey, valueKey } from "./record-set.ts";

export interface ChangePlanInput {
  /** Values that ought to stand in the zone. */
  wanted: readonly RecordValue[];
  /** Values that ought to go, as far as we wrote them. */
  withdrawn: readonly RecordValue[];
  /** Every set that stands under a name of the two lists. */
  standing: readonly RecordSet[];
  /** Values that we wrote before. */
  owned: readonly RecordValue[];
  /** Values of others that a person said may be removed, each by itself. */
  allowed: readonly RecordValue[];
}

/** What becomes of one record set. */
export interface SetChange {
  name: string;
  type: string;
  ttlSeconds: number;
  before: readonly string[];
  after: readonly string[];
  added: readonly string[];
  /** Values of ours that go. */
  removed: readonly string[];
  /** Values of others that go, because a person said so. */
  replaced: readonly string[];
}

/** A value of somebody else's that must go before what is wanted can stand; until a person says so both stay undone. */
export interface RecordConflict extends RecordValue {
  /** What waits for it; empty when all that is wanted stands beside it already. */
  blocked: readonly RecordValue[];
  /** Why both cannot stand, in a sentence. */
  sentence: string;
  /** No word takes it away: another customer's domain needs it. Left out for all that a person may decide. */
  isReserved?: boolean;
}

export interface ChangePlan {
  /** Sets that only lose come first, so that an alias is gone before something stands in its place. */
  changes: readonly SetChange[];
  conflicts: readonly RecordConflict[];
  /** How many wanted values stand there already. */
  inPlace: number;
}

/** New sets live as long as one provider's shortest life of a record allows; sets that exist keep theirs. */
const newSetTtlSeconds = 3600;

/**
 * Plans how a zone comes to hold what is wanted. Removes a value only when we wrote it and it is withdrawn or stands
 * in the way, or when a person allowed exactly that one. A wanted value that is blocked by a value of somebody else is
 * not added, and nothing is removed for its sake; neither is our own DKIM key for anything but another key.
 */
export function planChanges(input: ChangePlanInput): ChangePlan {
  const standing = input.standing.flatMap(({ name, type, values }) =>
    values.map((value) => ({ name, type, value })),
  );
  const keysOf = (values: readonly RecordValue[]) => new Set(values.map(valueKey));
  const wanted = [...new Map(input.wanted.map((value) => [valueKey(value), value])).values()];
  const known = {
    wanted: keysOf(wanted),
    owned: keysOf(input.owned),
    allowed: keysOf(input.allowed),
    standing: keysOf(standing),
  };
  const missing = wanted.filter((value) => !known.standing.has(valueKey(value)));

  const conflicts = new Map<string, RecordConflict>();
  const withdrawn = keysOf(input.withdrawn.filter((value) => known.owned.has(valueKey(value))));
  const going = new Set(withdrawn);
  const added: RecordValue[] = [];
  for (const value of wanted) {
    const isMissing = !known.standing.has(valueKey(value));
    const inTheWay = standing.flatMap((other) => {
      const isOurs = known.owned.has(valueKey(other));
      if (known.wanted.has(valueKey(other)) || (isOurs && canShare(other, value))) return [];
      const key = isOurs && !withdrawn.has(valueKey(other)) ? whyKeyStays(other, value) : null;
      const sentence = key ?? whyInTheWay(other, value);
      return sentence === null ? [] : [{ other, sentence, isYielding: isOurs && key === null }];
    });
    const refused = inTheWay.filter(
      ({ other, isYielding }) => !isYielding && !known.allowed.has(valueKey(other)),
    );
    for (const { other, sentence } of refused) {
      const blocked = conflicts.get(valueKey(other))?.blocked ?? [];
      conflicts.set(valueKey(other), {
        ...other,
        blocked: isMissing ? [...blocked, value] : blocked,
        sentence,
      });
    }
    if (refused.length > 0) continue;
    for (const { other } of inTheWay) going.add(valueKey(other));
    if (isMissing) added.push(value);
  }
  for (const key of known.wanted) going.delete(key);
  return {
    changes: changedSets(input.standing, { added, going, owned: known.owned }),
    conflicts: [...conflicts.values()],
    inPlace: wanted.length - missing.length,
  };
}

function changedSets(
  standing: readonly RecordSet[],
  { added, going, owned }: { added: readonly RecordValue[]; going: Set<string>; owned: Set<string> },
): SetChange[] {
  const sets = new Map<string, RecordSet>(standing.map((set) => [setKey(set), set]));
  for (const { name, type } of added)
    if (!sets.has(setKey({ name, type })))
      sets.set(setKey({ name, type }), { name, type, ttlSeconds: newSetTtlSeconds, values: [] });
  const changes = [...sets.values()].flatMap(({ name, type, ttlSeconds, values }): SetChange[] => {
    const isGoing = (value: string) => going.has(valueKey({ name, type, value }));
    const own = added.filter((value) => value.name === name && value.type === type);
    const gone = values.filter(isGoing);
    if (own.length === 0 && gone.length === 0) return [];
    const isOurs = (value: string) => owned.has(valueKey({ name, type, value }));
    return [
      {
        name,
        type,
        ttlSeconds,
        before: values,
        after: [...values.filter((value) => !isGoing(value)), ...own.map(({ value }) => value)],
        added: own.map(({ value }) => value),
        removed: gone.filter(isOurs),
        replaced: gone.filter((value) => !isOurs(value)),
      },
    ];
  });
  return changes.sort((a, b) => Number(a.after.length > 0) - Number(b.after.length > 0));
}

/** What stands after the changes were made. */
export function applyChanges(standing: readonly RecordSet[], changes: readonly SetChange[]): RecordSet[] {
  const sets = new Map(standing.map((set) => [setKey(set), set]));
  for (const { name, type, ttlSeconds, after } of changes) {
    if (after.length === 0) sets.delete(setKey({ name, type }));
    else sets.set(setKey({ name, type }), { name, type, ttlSeconds, values: after });
  }
  return [...sets.values()];
}
