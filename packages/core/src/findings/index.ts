export { codeOf, type DeliveryFinding, findingOfSight, type SightContext } from "./delivery-finding.ts";
export {
  type ConditionScope,
  type ConditionSubject,
  conditionKeyOf,
  deliveryFindingPrefix,
  type HeldSight,
  type SightBucket,
  scopeOf,
} from "./delivery-sight.ts";
export {
  type FindingDetails,
  type FindingMeasure,
  type FindingOwner,
  type FleetCause,
  findingDetailsSchema,
  findingOwners,
  fleetCauses,
  measureKinds,
  readFindingDetails,
} from "./finding-details.ts";
export { type FixPage, fixPageOf, fixPages } from "./fix-page.ts";
export { adviceFor, measureFor, runbookFor } from "./fix-steps.ts";
export {
  type ActiveServer,
  type FleetEvent,
  type FleetSight,
  findFleetEvent,
  fleetWindowMs,
  type StruckServer,
} from "./fleet-event.ts";
export { findingOfFleet, fleetFindingPrefix, fleetKeyOf, fleetRunbook } from "./fleet-finding.ts";
export { isToldOf, judgeSight, type SightFigures, type SightVerdict, sightMs } from "./judge-sight.ts";
export { findingOfReputation, lowReputations, reputationKeyOf } from "./reputation-finding.ts";
