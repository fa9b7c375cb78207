import { isSeenByAll, type RecordVerdict } from "../dns/index.ts";
import type { Shown } from "./rotation.ts";

/** What a verdict over a key's record means for whether the key may sign. */
export function shownOf(verdict: RecordVerdict): Shown {
  if (isSeenByAll(verdict)) return "all";
  return verdict.kind === "ok" || verdict.kind === "unanswered" ? "unknown" : "not";
}
