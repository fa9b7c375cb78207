import type { PlannedRecord, RecordVerdict } from "@mailstead/core/dns";
import type { Level } from "../../components/level.tsx";

export interface RecordWithVerdict extends PlannedRecord {
  /** What the authoritative servers said at the last check; null while they were not asked about it. */
  verdict: RecordVerdict | null;
}

export type RecordStanding = RecordVerdict["kind"] | "unchecked";

/** The one word a record is shown under. */
export function recordStanding({ verdict }: RecordWithVerdict): RecordStanding {
  return verdict?.kind ?? "unchecked";
}

/** Red only for what stops mail; a record that is merely recommended asks for attention. */
export function recordLevel(entry: RecordWithVerdict): Level {
  switch (recordStanding(entry)) {
    case "ok":
      return "good";
    case "missing":
    case "different":
      return entry.level === "required" ? "trouble" : entry.level === "recommended" ? "attention" : "unknown";
    case "disagreeing":
    case "attention":
      return "attention";
    case "unanswered":
    case "unchecked":
      return "unknown";
  }
}

export type RecordSummary =
  | { kind: "unchecked" }
  | { kind: "outdated" }
  | { kind: "all-right" }
  | { kind: "to-fix"; count: number }
  | { kind: "optional"; count: number }
  | { kind: "attention"; count: number }
  | { kind: "unanswered"; count: number };

/**
 * What to say of all records together: the worst that is known. Silence is unknown and never wrong, and what was right
 * once is not called right for ever.
 */
export function summariseRecords(
  records: readonly RecordWithVerdict[],
  { isOutdated }: { isOutdated: boolean },
): RecordSummary {
  if (records.every((entry) => entry.verdict === null)) return { kind: "unchecked" };
  if (isOutdated) return { kind: "outdated" };
  const wrong = records.filter((entry) =>
    ["missing", "different", "disagreeing"].includes(entry.verdict?.kind ?? "ok"),
  );
  const required = wrong.filter((entry) => entry.level === "required").length;
  if (required > 0) return { kind: "to-fix", count: required };
  const unanswered = records.filter((entry) => entry.verdict?.kind === "unanswered").length;
  if (unanswered > 0) return { kind: "unanswered", count: unanswered };
  if (wrong.length > 0) return { kind: "optional", count: wrong.length };
  const noted = records.filter((entry) => entry.verdict?.kind === "attention").length;
  return noted > 0 ? { kind: "attention", count: noted } : { kind: "all-right" };
}
