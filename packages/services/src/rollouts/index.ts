export { type CustomerHealth, compareHealth, type HealthComparison } from "./compare-health.ts";
export { getRollout, type RolloutHappening, type RolloutStory, type RolloutWave } from "./get-rollout.ts";
export { getRolloutMember, type RolloutMember } from "./get-rollout-member.ts";
export { groupRolloutOutputs, type RolloutOutput, type RolloutOutputs } from "./group-rollout-outputs.ts";
export {
  listRolloutMembers,
  type RolloutMemberLine,
  type RolloutMembersPage,
} from "./list-rollout-members.ts";
export { listRollouts, type RolloutsPage } from "./list-rollouts.ts";
export { previewRollout, type RolloutPreview } from "./preview-rollout.ts";
export { type RolloutCells, readRolloutCells, readRolloutMarks } from "./read-rollout-cells.ts";
export type { MemberCounts, RolloutLine } from "./rollout-view.ts";
export { runDueRollouts } from "./run-due-rollouts.ts";
export { startRollout } from "./start-rollout.ts";
export {
  approveWave,
  haltRollout,
  resumeRollout,
  rollBackRollout,
  stopRollout,
} from "./steer-rollout.ts";
