export {
  excludeServer,
  getRolloutPlace,
  includeServer,
  type RolloutPlace,
  setGoesFirst,
} from "./exclude-server.ts";
export { type CustomerMaintenance, listMaintenance } from "./list-maintenance.ts";
export { addFreeze, type FreezeView, listFreezes, removeFreeze } from "./manage-freezes.ts";
export { listPatchPolicies, type PatchPolicy, setPatchPolicy } from "./patch-policies.ts";
export { previewRollout, type RolloutPreview } from "./preview-rollout.ts";
export { runDueRollouts } from "./run-due-rollouts.ts";
export { runPatchPolicies } from "./run-patch-policies.ts";
export {
  getMaintenanceTimes,
  type MaintenanceTimesView,
  setMaintenanceTimes,
} from "./set-maintenance-times.ts";
export { startRollout } from "./start-rollout.ts";
export {
  approveWave,
  haltRollout,
  resumeRollout,
  rollBackRollout,
  stopRollout,
} from "./steer-rollout.ts";
