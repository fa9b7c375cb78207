import type { CheckFinding, FindingSeverity } from "../dns/index.ts";
import type { FindingDetails, FindingOwner } from "../findings/index.ts";

/** A finding as it is remembered from check to check; its key says that it is the same one. */
export interface SeenFinding {
  key: string;
  severity: FindingSeverity;
  sentence: string;
  /** All that it carries beside its sentence, where whoever found it says all of that. */
  details?: FindingDetails;
  /** Of it, what the look told; the rest is as it is with all of its kind. */
  told?: ToldOfFinding;
}

/** What a look says of what it found: who said what, what it does to mail, and what to do. */
export interface ToldOfFinding {
  evidence?: readonly string[];
  why?: string;
  /** In sentences, each a thing to do. */
  fix?: string;
  /** What to paste, whole. */
  record?: string;
  owner?: FindingOwner;
}

/** A finding of a check, as it is kept: by its key, with what it told. */
export function seenFindingOf(finding: CheckFinding): SeenFinding {
  const { severity, sentence, evidence, why, fix, record } = finding;
  const told = { evidence, why, fix, ...(record === undefined ? {} : { record }) };
  return { key: findingKey(finding), severity, sentence, told };
}

export interface FindingChanges {
  open: SeenFinding[];
  /** Found again, with other words or of another severity. */
  change: SeenFinding[];
  close: string[];
}

/** What makes a finding the same one in two checks: never its words, which hold counts and dates. */
export function findingKey({ kind, about }: Pick<CheckFinding, "kind" | "about">): string {
  return `${kind} ${about}`.toLowerCase();
}

const weight: Record<FindingSeverity, number> = { instruction: 0, warning: 1, error: 2 };

/** Whether a finding hurts more than it did; what was told of it then says too little. */
export function isWorse({ severity }: SeenFinding, before: Pick<SeenFinding, "severity">): boolean {
  return weight[severity] > weight[before.severity];
}

/**
 * Compares what a check found with what was open. A key that the check could not see is neither opened nor closed, so
 * that an outage of our own line looks like nothing having changed.
 */
export function planFindingChanges(
  before: readonly SeenFinding[],
  { found, unseen }: { found: readonly SeenFinding[]; unseen: (key: string) => boolean },
): FindingChanges {
  const known = new Map(before.map((finding) => [finding.key, finding]));
  const now = new Map(found.map((finding) => [finding.key, finding]));
  const visible = [...now.values()].filter(({ key }) => !unseen(key));
  return {
    open: visible.filter(({ key }) => !known.has(key)),
    change: visible.filter(({ key, severity, sentence }) => {
      const old = known.get(key);
      return old !== undefined && (old.severity !== severity || old.sentence !== sentence);
    }),
    close: before.map(({ key }) => key).filter((key) => !now.has(key) && !unseen(key)),
  };
}
