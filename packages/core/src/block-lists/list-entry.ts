import type { ListAnswer } from "./block-list-batch.ts";

/** What is known of one subject on one list. */
export interface ListEntry {
  /** unknown: no answer that can be believed has ever come. */
  readonly state: "clear" | "listed" | "unknown";
  /** Since when the state holds, by the first answer that said so. */
  readonly since: number;
  /** The last answer that could be believed; null before the first. */
  readonly seenAt: number | null;
  /** The round that asked last. */
  readonly askedAt: number;
  readonly codes: readonly string[];
  readonly text: string | null;
  /** Why the last question was not answered; null when it was. */
  readonly problem: string | null;
}

/**
 * What is known after an answer. An answer that cannot be believed changes no state, so that a lookup that fails neither
 * opens nor closes a listing; one that is older than the last changes nothing.
 */
export function foldAnswer(known: ListEntry | null, answer: ListAnswer, at: number): ListEntry {
  if (known !== null && at <= known.askedAt) return known;
  if (answer.kind === "unknown") {
    const before = known ?? { state: "unknown", since: at, seenAt: null, codes: [], text: null };
    return { ...before, askedAt: at, problem: answer.problem };
  }
  return {
    state: answer.kind,
    since: known?.state === answer.kind ? known.since : at,
    seenAt: at,
    askedAt: at,
    codes: answer.kind === "listed" ? answer.codes : [],
    text: answer.kind === "listed" ? answer.text : null,
    problem: null,
  };
}

const hourMs = 3_600_000;
/** A host asks twice an hour at most, so that about fifty questions in a row brought no answer. */
export const listingOldAfterMs = 48 * hourMs;
/** Hardly any list keeps an entry for so long without new cause, so it says nothing of now. */
export const listingForgottenAfterMs = 14 * 24 * hourMs;

/** How much a listing still says, by when a list last confirmed it. */
export function listingAge(
  { seenAt, since }: Pick<ListEntry, "seenAt" | "since">,
  now: number,
): "confirmed" | "old" | "forgotten" {
  const ageMs = now - (seenAt ?? since);
  if (ageMs >= listingForgottenAfterMs) return "forgotten";
  return ageMs >= listingOldAfterMs ? "old" : "confirmed";
}

/** Whether the history has a line of this: what came onto a list, and what went from it. */
export function entryChange(before: ListEntry | null, after: ListEntry): "listed" | "clear" | null {
  if (after.state === "listed" && before?.state !== "listed") return "listed";
  return before?.state === "listed" && after.state === "clear" ? "clear" : null;
}
