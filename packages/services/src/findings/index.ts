export { acknowledgeFinding, snoozeFinding } from "./answer-finding.ts";
export type { FindingLine } from "./finding-line.ts";
export { type FindingPage, getFinding } from "./get-finding.ts";
export { type AnswerableFinding, type AnswerableKind, listAnswerable } from "./list-answerable.ts";
export { listDeliveryFindings } from "./list-delivery-findings.ts";
export type { FindingEvent } from "./read-history.ts";
export type { MeasureServer } from "./read-measure-servers.ts";
export { recordDeliveryFindings } from "./record-delivery-findings.ts";
