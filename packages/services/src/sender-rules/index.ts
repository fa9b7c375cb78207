export { getSenderRules, type SenderRulesOverview } from "./get-sender-rules.ts";
