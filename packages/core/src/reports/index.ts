export {
  type AggregateDisposition,
  type AggregatePolicy,
  type AggregateRecord,
  type AggregateReport,
  type AggregateSums,
  type AuthResult,
  type OverrideReason,
  type PublishedPolicy,
  sumAggregateReport,
} from "./aggregate-report.ts";
export {
  type AuthFailureFacts,
  type FeedbackReport,
  type FeedbackType,
  parseFeedbackReport,
} from "./feedback-report.ts";
export {
  judgeReports,
  type ReportFigures,
  type ReportFindingKind,
  reportFindingPrefix,
} from "./judge-reports.ts";
export { type KnownServiceId, knownServices, serviceOfDomain, serviceOfSmarthost } from "./known-services.ts";
export { aggregateRecordsMax, parseAggregateRecord, parseAggregateReport } from "./parse-aggregate-report.ts";
export { providerOfReporter } from "./provider-of-reporter.ts";
export type { ReportElement, ReportReading } from "./report-element.ts";
export { reportAddressOf, reportMailbox } from "./report-mailbox.ts";
export {
  judgeSources,
  type OwnSenders,
  type ReportSource,
  type SourceOrigin,
  type SourceRow,
} from "./report-sources.ts";
export { judgeReportTime, reportTimeLimits } from "./report-time.ts";
export {
  isGuardedBy,
  isStranger,
  type SettledSource,
  sourceName,
  stillSettled,
  strangersByName,
} from "./settled-sources.ts";
export { adviseOnSource, type SourceAdvice } from "./source-advice.ts";
export { tellAggregate, tellFeedback, tellTls, timeOfReport } from "./tell-report.ts";
export { parseTlsReport, type TlsFailure, type TlsPolicyResult, type TlsReport } from "./tls-report.ts";
export {
  type ReportBatch,
  reportBatchSchema,
  reportTroubleKinds,
  type ToldAggregate,
  type ToldFeedback,
  type ToldRow,
  type ToldTls,
  type ToldTlsFailure,
  type ToldTrouble,
} from "./told-reports.ts";
