export { type KeptQuestion, keepAnswers } from "./keep-answers.ts";
export { readAnswer } from "./read-answer.ts";
export { type FleetSpan, fleetSpanDays } from "./spans.ts";
