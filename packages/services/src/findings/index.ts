export { acknowledgeFinding, snoozeFinding } from "./answer-finding.ts";
export { type AnswerableFinding, type AnswerableKind, listAnswerable } from "./list-answerable.ts";
export {
  type DeliveryFindingLine,
  type DeliveryFindingPage,
  getDeliveryFinding,
  listDeliveryFindings,
} from "./list-delivery-findings.ts";
export type { MeasureServer } from "./read-measure-servers.ts";
export { recordDeliveryFindings } from "./record-delivery-findings.ts";
