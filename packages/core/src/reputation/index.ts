export type { ComplaintDay, ComplaintScope } from "./complaint-day.ts";
export { addDays, type DayFigures, type DayLevel, dayLevel } from "./day-figures.ts";
export { type Fleet, fleetOf } from "./fleet.ts";
export { type Incident, incidentsOf } from "./incidents.ts";
export {
  type DayJudgement,
  type DaySum,
  type JudgedTime,
  judgeDays,
  type StandingReputation,
} from "./judge-days.ts";
export { nothingFromOutside, type OutsideSight, outsideFigures } from "./outside-sight.ts";
export {
  compareShare,
  type FleetPrior,
  fitFleetPrior,
  type ShareBounds,
  shareBounds,
  shrunkShare,
} from "./proportion.ts";
export {
  figuresByProvider,
  type ProviderFigures,
  type SeenReply,
  senderFigures,
  sumFigures,
} from "./provider-figures.ts";
export { judgeReputation, type ReputationVerdict } from "./reputation.ts";
export { reputationLimits } from "./reputation-limits.ts";
export {
  type ComplaintFigures,
  type ComplaintSource,
  type ProviderWord,
  type ReplyCount,
  type Reputation,
  type ReputationEvidence,
  reputationOrder,
  type SenderFigures,
  type SenderListing,
  type ToldShare,
  troubledOf,
} from "./sender-figures.ts";
