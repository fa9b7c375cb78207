export { forgetOldReputations } from "./forget-old-reputations.ts";
export { type Course, getCourse } from "./get-course.ts";
export { type DayEvidence, getDay } from "./get-day.ts";
export {
  type DaysAtReceiver,
  type FleetReputation,
  getFleetReputation,
  lastJudgedDay,
} from "./get-fleet-reputation.ts";
export { getDomainReputation, getServerReputation, type SenderReputation } from "./get-reputation.ts";
export { type Judged, judgedForMs, judgeNow, type VerdictNow } from "./judge-now.ts";
export { judgeOrganisation, judgeReputations } from "./judge-reputations.ts";
export { listStandings, type StandingRow } from "./list-standings.ts";
export { sendingAddress } from "./sender-scope.ts";
