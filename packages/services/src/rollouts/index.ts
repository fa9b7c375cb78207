export { previewRollout, type RolloutPreview } from "./preview-rollout.ts";
export { runDueRollouts } from "./run-due-rollouts.ts";
export { startRollout } from "./start-rollout.ts";
export {
  approveWave,
  haltRollout,
  resumeRollout,
  rollBackRollout,
  stopRollout,
} from "./steer-rollout.ts";
