/** Begins the key of every finding about the life of DKIM keys, so that no check of the DNS closes it. */
export const keyFindingPrefix = "dkim-keys-";

/**
 * not-replaced: the schedule's turn came and the rotation was refused. alarm: a rotation waits for a person.
 * turned-back: a rotation went back by itself. not-published: first keys could not be published by themselves.
 */
export type KeyFindingKind = "not-replaced" | "alarm" | "turned-back" | "not-published";

/** What makes it the same finding at the next look; `about` tells apart what a domain may have several of. */
export function keyFindingKey(kind: KeyFindingKind, about = ""): string {
  return `${keyFindingPrefix}${kind} ${about}`.trim().toLowerCase();
}
