import type { CheckFinding, RecordVerdict } from "@mailstead/core/dns";
import type { ServerLevel } from "@mailstead/core/servers";
import type { DomainCheckReport } from "./domain-report.ts";

/**
 * One word for what the world thinks of a domain: right, right with something that a person should know, something
 * missing or different, a server that could not be asked, or never asked.
 */
export type DomainHealth = "right" | "attention" | "incomplete" | "wrong" | "unanswered" | "unchecked";

/** What the last check that anybody answered says of a domain. */
export function healthOf(report: DomainCheckReport | null): DomainHealth {
  if (report === null) return "unchecked";
  if (report.kind === "resolver-silent") return "unanswered";
  const needed = report.records.filter(({ record }) => record.level !== "optional");
  const kinds = new Set(needed.map(({ verdict }) => verdict.kind));
  if (kinds.has("different")) return "wrong";
  if (kinds.has("missing") || kinds.has("disagreeing")) return "incomplete";
  if (kinds.has("unanswered")) return "unanswered";
  // An instruction is advice, and takes nothing from what is right.
  const isWarned = zoneFindingsOf(report).some(({ severity }) => severity !== "instruction");
  return kinds.has("attention") || isWarned ? "attention" : "right";
}

/** What was found out about the domain's zones: their name servers, what they say and their signatures. */
export function zoneFindingsOf(report: DomainCheckReport | null): readonly CheckFinding[] {
  return report?.kind === "checked" ? (report.zones?.flatMap(({ findings }) => findings) ?? []) : [];
}

const wrongKinds: readonly RecordVerdict["kind"][] = ["missing", "different"];

/** Red only for what loses mail: a required record that is wrong, or name servers that all fail. */
export function levelOfDomain(report: DomainCheckReport | null): ServerLevel {
  const health = healthOf(report);
  if (health === "right") return "good";
  if (countRequiredWrong(report) > 0 || zoneFindingsOf(report).some(({ severity }) => severity === "error"))
    return "trouble";
  return health === "unanswered" || health === "unchecked" ? "unknown" : "attention";
}

/** How many records that mail cannot do without are missing or say something else. */
export function countRequiredWrong(report: DomainCheckReport | null): number {
  if (report?.kind !== "checked") return 0;
  return report.records.filter(
    ({ record, verdict }) => record.level === "required" && wrongKinds.includes(verdict.kind),
  ).length;
}
