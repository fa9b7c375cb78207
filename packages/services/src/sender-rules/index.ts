export { getSenderRules, type SenderRulesOverview } from "./get-sender-rules.ts";
export { recordRuleFindings } from "./record-rule-findings.ts";
