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

/** Whether the last check leaves something to do about a record, or nobody has looked yet. */
export function isOpen(entry: RecordWithVerdict): boolean {
  return entry.verdict !== null && entry.verdict.kind !== "ok";
}

const levelRank: Record<Level, number> = { good: 0, unknown: 1, attention: 2, trouble: 3 };

/** Whether people publish a record in a zone of theirs: not where only a provider can, or Mailstead does. */
export function isForPeople({ publishedAt }: Pick<PlannedRecord, "publishedAt">): boolean {
  return publishedAt === "domain-dns" || publishedAt === "host-dns";
}

/** The level of the record among them that is worst off. */
export function worstLevel(entries: readonly RecordWithVerdict[]): Level {
  return entries
    .map(recordLevel)
    .reduce((worst, level) => (levelRank[level] > levelRank[worst] ? level : worst), "good");
}

export type RecordSummary =
  | { kind: "unchecked" }
  | { kind: "outdated" }
  | { kind: "all-right" }
  /** All that mail needs is right; of the optional records, this many are not. */
  | { kind: "rest-optional"; count: number }
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
  const needed = records.filter((entry) => entry.level !== "optional");
  const wrong = needed.filter(isWrong);
  const required = wrong.filter((entry) => entry.level === "required").length;
  if (required > 0) return { kind: "to-fix", count: required };
  const countOf = (kind: RecordStanding, among: readonly RecordWithVerdict[]) =>
    among.filter((entry) => entry.verdict?.kind === kind).length;
  const unanswered = countOf("unanswered", needed);
  if (unanswered > 0) return { kind: "unanswered", count: unanswered };
  if (wrong.length > 0) return { kind: "optional", count: wrong.length };
  const noted = countOf("attention", needed);
  if (noted > 0) return { kind: "attention", count: noted };
  const open = records.filter(isOpen).length;
  return open > 0 ? { kind: "rest-optional", count: open } : { kind: "all-right" };
}

function isWrong({ verdict }: RecordWithVerdict): boolean {
  return ["missing", "different", "disagreeing"].includes(verdict?.kind ?? "ok");
}
