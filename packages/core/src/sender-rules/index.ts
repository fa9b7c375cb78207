export {
  type JudgedProvider,
  type JudgedRule,
  judgeSender,
  type Measured,
  type RuleState,
} from "./judge-sender.ts";
export {
  complaintLimits,
  keyBitsMin,
  missesMax,
  type ProviderRules,
  providerRules,
  type RuledProvider,
  type RuleScope,
  ruledProviders,
  type SenderRule,
  senderRules,
} from "./provider-rules.ts";
export { rulePages } from "./rule-advice.ts";
export {
  bulkPerDayLeast,
  findingsOfRules,
  type RuleFindings,
  ruleFindingPrefix,
  ruleKeyOf,
} from "./rule-findings.ts";
export type { Complaints, Part, ProviderFacts, RecordFact, SenderFacts } from "./sender-facts.ts";
