/** What begins the keys of findings about rollouts. */
export const rolloutFindingPrefix = "rollout-";

/** halted: it went no further by itself. approval: its next wave waits for a person. */
export type RolloutFindingKind = "halted" | "approval";

/** The key of a rollout's finding of a kind. */
export function rolloutFindingKey(kind: RolloutFindingKind, rolloutId: string): string {
  return `${rolloutFindingPrefix}${kind} ${rolloutId}`;
}
