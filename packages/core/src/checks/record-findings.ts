import type { FindingSeverity, PlannedRecord, RecordVerdict } from "../dns/index.ts";
import type { SeenFinding } from "./finding-changes.ts";

const severities: Record<PlannedRecord["level"], FindingSeverity> = {
  required: "error",
  recommended: "warning",
  optional: "instruction",
};

/** What makes a record the same one in two checks: an address is one of several, all else is one of its name. */
export function recordKey({ purpose, type, name, value }: PlannedRecord): string {
  return `record ${purpose} ${type} ${name}${purpose === "host-address" ? ` ${value}` : ""}`.toLowerCase();
}

/** What a verdict on a record is to a person, or null when all is right or nobody could be asked. */
export function findingOfRecord(record: PlannedRecord, verdict: RecordVerdict): SeenFinding | null {
  const what = `${record.type} ${record.name}: ${verdict.sentence}`;
  switch (verdict.kind) {
    case "ok":
    case "unanswered":
      return null;
    case "attention":
    case "disagreeing":
      return { key: recordKey(record), severity: "warning", sentence: what };
    case "missing":
    case "different":
      return { key: recordKey(record), severity: severities[record.level], sentence: what };
  }
}
