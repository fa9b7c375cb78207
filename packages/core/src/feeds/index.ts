export { canonicalAddress, isSameAddress } from "./canonical-address.ts";
export { CsvFault } from "./csv-rows.ts";
export * from "./feed.ts";
export { FeedProblem, type FeedProblemCode } from "./feed-problem.ts";
export { feedbackIdOf, feedbackSenderId, senderIdOf } from "./feedback-id.ts";
export { type ComplianceRow, googleCompliance, googleComplianceSchema } from "./google-compliance.ts";
export {
  type GoogleMetric,
  type GoogleStat,
  googleDays,
  googleLoopIds,
  googleLoopMetric,
  googleMetrics,
  googleStatSchema,
} from "./google-stats.ts";
export {
  addressBlocked,
  addressContested,
  complaintsTooHigh,
  domainNotVerified,
  type FeedFinding,
  type FeedSigns,
  type FeedStanding,
  feedFindingPrefix,
  feedStanding,
  judgeFeed,
} from "./judge-feed.ts";
export { nextFeedLook } from "./next-look.ts";
export { readSndsDays } from "./read-snds.ts";
export { blockOf, readSndsStatus, type SndsStatus } from "./read-snds-status.ts";
export { readYahooDays, YahooFault, yahooTextMax } from "./read-yahoo.ts";
export { sndsAccessMonths, sndsExpiry, sndsLinkDays } from "./snds-expiry.ts";
export { type ComplaintTrend, complaintTrend } from "./trend.ts";
