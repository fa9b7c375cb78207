export { actionOf, type FindingAction } from "./action-of.ts";
export { type CheckedKind, checkedKinds } from "./checked-kinds.ts";
export { detailsOf } from "./details-of.ts";
export { type KeptKindName, keptKinds } from "./kept-kinds.ts";
export { kindOf } from "./kind-of.ts";
export { pageOf } from "./page-of.ts";
export { runbookOf } from "./runbook-of.ts";
export {
  anchorsOf,
  isShownRunbook,
  type RunbookPage,
  type RunbookPart,
  type RunbookShelf,
  runbookParts,
  runbookPath,
  runbookShelf,
  shownRunbook,
} from "./runbook-shelf.ts";
export { type FindingRecheck, type FindingTopic, recheckOf, topicOf } from "./topic-of.ts";
