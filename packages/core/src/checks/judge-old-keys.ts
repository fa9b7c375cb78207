import { type CheckFinding, tagList } from "../dns/index.ts";
import { evidenceOfRecords, type ShownRecords } from "./shown-records.ts";

/** Judges the names of DKIM keys whose private half was destroyed: a key that still stands there proves nothing good. */
export function judgeOldKeys(shown: readonly ShownRecords[]): CheckFinding<"dkim-left-over">[] {
  return shown.flatMap((one) => {
    const keys = one.values.filter((value) => (tagList(value).get("p") ?? "").trim() !== "");
    if (keys.length === 0) return [];
    return [
      {
        kind: "dkim-left-over" as const,
        about: one.name,
        severity: "instruction" as const,
        sentence: `The key at ${one.name} was given up, and its record is still published.`,
        evidence: evidenceOfRecords(one, keys),
        why: "Whoever kept a copy of the key can still sign in this domain's name.",
        fix: "Take the record out.",
      },
    ];
  });
}
