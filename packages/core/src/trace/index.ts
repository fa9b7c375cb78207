export { addChange, assembleMessages } from "./add-change.ts";
export { addVerdict, type TracedVerdict, tracedVerdict, verdictSlackMs } from "./add-verdict.ts";
export { domainOf, limitToDomains } from "./limit-to-domains.ts";
export { bareMessageId, matchesCriteria, searchedRecipients, searchedSender } from "./matches-criteria.ts";
export { originalSender } from "./original-sender.ts";
export {
  createTraceRecorder,
  type TraceChange,
  type TraceRecorder,
  type TraceSessions,
} from "./record-trace.ts";
export {
  type Story,
  type StoryLine,
  type StoryReceiver,
  type TraceOutcome,
  tellStory,
} from "./tell-story.ts";
export {
  isSearchable,
  type TraceCriteria,
  type TraceResult,
  traceCriteriaSchema,
  traceDomainsMax,
  tracedEventsMax,
  tracedMessagesMax,
  traceResultSchema,
  usedCriteria,
  visibleDomainsSchema,
} from "./trace-question.ts";
export {
  type TracedMessage,
  type TraceEvent,
  type TraceFacts,
  tracedMessageSchema,
  traceEventSchema,
  traceFactsSchema,
  unknownFacts,
} from "./traced-message.ts";
