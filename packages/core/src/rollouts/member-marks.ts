import { type MemberState, memberStates } from "./rollout.ts";

const letters = "abcdefghijklmnopqrstuvwxyz";

/** One letter for each state, so that ten thousand members are ten thousand bytes on the way to a page. */
export const memberMarks = Object.fromEntries(
  memberStates.map((state, at) => [state, letters.charAt(at)]),
) as Readonly<Record<MemberState, string>>;

/** Stands for a member that is not asked for. */
export const hiddenMark = ".";

const states = new Map(memberStates.map((state) => [memberMarks[state], state]));

/** The state behind a letter; null for a member that is not asked for. */
export function stateOfMark(mark: string): MemberState | null {
  return states.get(mark) ?? null;
}
