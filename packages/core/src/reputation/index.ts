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
} from "./provider-figures.ts";
export {
  judgeReputation,
  type ReplyCount,
  type Reputation,
  type ReputationEvidence,
  type ReputationVerdict,
  reputationLimits,
  type SenderFigures,
} from "./reputation.ts";
