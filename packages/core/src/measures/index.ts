export {
  combineMeasures,
  type MeasureKind,
  measureKinds,
  measureServersMax,
  measuresMax,
  type ProviderRoute,
  providerIdSchema,
  type RouteLimits,
  routeLimitsSchema,
  type TargetMeasure,
  targetMeasureSchema,
} from "./measure.ts";
export {
  type MeasureFinding,
  type MeasureInForce,
  measureFindingPrefix,
  measureFindings,
} from "./measure-findings.ts";
export { needsFallback } from "./needs-fallback.ts";
export {
  backOff,
  type MeasureReview,
  type MeasureSigns,
  measureHours,
  measureHoursMax,
  measureSigns,
  pushBackCategories,
  type ReviewedMeasure,
  reviewMeasure,
  type StartableKind,
  startingLimits,
} from "./review-measure.ts";
export {
  firstTrack,
  isTrackDone,
  messagesPerDayMax,
  reviewWarmUp,
  type WarmUpTrack,
  warmUpLimits,
  warmUpRules,
  warmUpTrackSchema,
} from "./warm-up.ts";
export { type WarmUpProvider, warmUpProviders, warmUpStages } from "./warm-up-stages.ts";
