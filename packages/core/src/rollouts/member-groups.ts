import { type MemberState, memberStates } from "./rollout.ts";

/** How a person asks for members: what went wrong, what happens now, what is still to come, what is done. */
export const memberGroups = ["bad", "moving", "waiting", "left-out", "succeeded"] as const;
export type MemberGroup = (typeof memberGroups)[number];

const groups: Readonly<Record<MemberState, MemberGroup>> = {
  failed: "bad",
  unknown: "bad",
  restoring: "bad",
  restored: "bad",
  checking: "moving",
  applying: "moving",
  verifying: "moving",
  baking: "moving",
  rechecking: "moving",
  waiting: "waiting",
  "left-out": "left-out",
  succeeded: "succeeded",
};

export function statesOf(group: MemberGroup): readonly MemberState[] {
  return memberStates.filter((state) => groups[state] === group);
}

/** All states, what needs a person first. */
export const statesByUrgency: readonly MemberState[] = [
  "failed",
  "unknown",
  "restoring",
  "restored",
  "applying",
  "verifying",
  "rechecking",
  "checking",
  "baking",
  "waiting",
  "left-out",
  "succeeded",
];
