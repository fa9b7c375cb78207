export {
  kindOf,
  type RolloutChoice,
  rolloutChoiceSchema,
  type UpdateChoice,
  updateChoiceSchema,
} from "./choice.ts";
export {
  chooseStarts,
  customerKeyPrefix,
  type KeptApart,
  type StartMember,
  type Starts,
  sharedWith,
} from "./choose-starts.ts";
export {
  type DecidedRollout,
  decideRollout,
  type RolloutDecision,
  type WaveCounts,
} from "./decide-rollout.ts";
export { isMailWell } from "./is-mail-well.ts";
export {
  type Attempts,
  type ForgivenSums,
  forgiveSums,
  judgeSums,
  type MailSums,
  type SumKind,
  type SummedServer,
  type SumsPart,
  sumsSpacingMs,
} from "./judge-sums.ts";
export {
  type Freeze,
  type MaintenanceTimes,
  type MaintenanceWindow,
  maintenanceWindowSchema,
  type Opening,
  openingNow,
} from "./maintenance-window.ts";
export { type MemberGroup, memberGroups, statesByUrgency, statesOf } from "./member-groups.ts";
export { hiddenMark, memberMarks, stateOfMark } from "./member-marks.ts";
export {
  type Answer,
  answerWithin,
  beginMember,
  type HealthVerdict,
  type MemberAsk,
  type MemberMove,
  type MovingMember,
  moveMember,
} from "./move-member.ts";
export { agentItem, planAgent } from "./plan-agent.ts";
export {
  type ConfigurationOfServer,
  type ConfigurationReason,
  configurationItem,
  configurationReason,
  configurationVersion,
  type PlannedConfiguration,
  planConfiguration,
} from "./plan-configuration.ts";
export {
  type Brought,
  type PlannedMember,
  type PlannedPackage,
  type PlannedUpdate,
  type PlanServer,
  planRollout,
  type RolloutPlan,
  versionKey,
} from "./plan-rollout.ts";
export {
  badStates,
  changedStates,
  defaultRolloutSettings,
  endedRolloutStates,
  inFlightStates,
  type MemberState,
  memberStates,
  type RolloutKind,
  type RolloutSettings,
  type RolloutState,
  rolloutKindSchema,
  rolloutSettingsSchema,
  rolloutStates,
  settledStates,
  type WaveSettings,
  waveAt,
} from "./rollout.ts";
export { type RolloutFindingKind, rolloutFindingKey, rolloutFindingPrefix } from "./rollout-findings.ts";
export { anyPart, sameOutput } from "./same-output.ts";
export { possibleSteers, type RolloutSteer, steerableStates } from "./steering.ts";
export { hasWayBack, wayBackFrom } from "./way-back-from.ts";
