export { type CustomerHealth, compareHealth, type HealthComparison } from "./compare-health.ts";
export {
  excludeServer,
  getRolloutPlace,
  includeServer,
  type RolloutPlace,
  setGoesFirst,
} from "./exclude-server.ts";
export { getRollout, type RolloutHappening, type RolloutStory, type RolloutWave } from "./get-rollout.ts";
export { getRolloutMember, type RolloutMember } from "./get-rollout-member.ts";
export { groupRolloutOutputs, type RolloutOutput, type RolloutOutputs } from "./group-rollout-outputs.ts";
export { type CustomerMaintenance, listMaintenance } from "./list-maintenance.ts";
export {
  listRolloutMembers,
  type RolloutMemberLine,
  type RolloutMembersPage,
} from "./list-rollout-members.ts";
export { listRollouts, type RolloutsPage } from "./list-rollouts.ts";
export { lookFromOutside } from "./look-from-outside.ts";
export { addFreeze, type FreezeView, listFreezes, removeFreeze } from "./manage-freezes.ts";
export { listPatchPolicies, type PatchPolicy, setPatchPolicy } from "./patch-policies.ts";
export { previewRollout, type RolloutPreview } from "./preview-rollout.ts";
export { type RolloutCells, readRolloutCells, readRolloutMarks } from "./read-rollout-cells.ts";
export type { MemberCounts, RolloutLine } from "./rollout-view.ts";
export { runDueRollouts } from "./run-due-rollouts.ts";
export { runPatchPolicies } from "./run-patch-policies.ts";
export {
  getMaintenanceTimes,
  type MaintenanceTimesView,
  setMaintenanceTimes,
} from "./set-maintenance-times.ts";
export { type StandInsView, setStandIns } from "./stand-ins.ts";
export { startRollout } from "./start-rollout.ts";
export {
  approveWave,
  haltRollout,
  resumeRollout,
  rollBackRollout,
  stopRollout,
} from "./steer-rollout.ts";
