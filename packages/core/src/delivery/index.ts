export { classifyReply, type ReplyVerdict, replyRules, takesReply } from "./classify-reply.ts";
export {
  batchCountsMax,
  batchesOf,
  batchSamplesMax,
  type DeliveryBatch,
  deliveryBatchSchema,
  portions,
} from "./counts/delivery-batch.ts";
export {
  createDeliveryCounter,
  type DeliveryCount,
  type DeliveryCounter,
  type ReplySample,
  samplesPerKindMax,
} from "./counts/delivery-counts.ts";
export { foldCounts, type PeriodCount } from "./counts/fold-counts.ts";
export { addLatency, type LatencySketch, latencyQuantile, mergeLatencies } from "./counts/latency-sketch.ts";
export { readDeliveryBatch } from "./counts/read-delivery-batch.ts";
export { redactReply } from "./counts/redact-reply.ts";
export { type DeliverySpan, deliverySpanNames, deliverySpans } from "./delivery-spans.ts";
export { splitReply } from "./log-lines/client-line.ts";
export {
  type DeliveryDelays,
  type DeliveryLine,
  type DeliveryStatus,
  parseDelays,
  parseTlsOutcome,
} from "./log-lines/delivery-line.ts";
export { type Endpoint, parseEndpoint } from "./log-lines/endpoint.ts";
export { parseKeyValues } from "./log-lines/key-values.ts";
export {
  type LogRecord,
  type LogText,
  openSyslogParts,
  openSyslogReader,
  parseSyslogLine,
  postfixProgram,
  type SyslogClock,
} from "./log-lines/log-record.ts";
export { type MessageStep, mayTellOfMessage, processOf, readMessageStep } from "./log-lines/message-step.ts";
export { type PostfixLine, parsePostfixLine } from "./log-lines/postfix-line.ts";
export type { QueueAction } from "./log-lines/queue-line.ts";
export { isRefusedWhole, parseCommandCounts, type RefusalLine } from "./log-lines/session-line.ts";
export { type ProviderId, providerOfHost, providers, readProvider } from "./provider.ts";
export { consumerDomains } from "./provider-domains.ts";
export { providerOfDomain } from "./provider-of-domain.ts";
export {
  type CategoryFacts,
  type FixOwner,
  type ReplyCategory,
  type ReplySeverity,
  type RetryClass,
  readCategory,
  replyCategories,
} from "./reply-category.ts";
export type { ReplyRule } from "./reply-rule.ts";
export { parseSmtpReply, type SmtpReply } from "./smtp-reply.ts";
export {
  createDeliveryTracker,
  type DeliveryTracker,
  type TrackerChanges,
  type TrackerState,
  trackedMessagesMax,
} from "./tracking/delivery-tracker.ts";
export { queuedAs, withDsn } from "./tracking/describe-attempt.ts";
export type { DeliveryDirection, DeliveryTls, TrackedDelivery } from "./tracking/tracked-delivery.ts";
export { isLoopback } from "./tracking/tracked-message.ts";
