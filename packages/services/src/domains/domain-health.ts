import type { RecordVerdict } from "@mailstead/core/dns";
import type { ServerLevel } from "@mailstead/core/servers";
import type { DomainCheckReport } from "./domain-report.ts";

/**
 * One word for what the world thinks of a domain: right, something missing or different, a server that could not be
 * asked, or never asked.
 */
export type DomainHealth = "right" | "incomplete" | "wrong" | "unanswered" | "unchecked";

/** What the last check that anybody answered says of a domain. */
export function healthOf(report: DomainCheckReport | null): DomainHealth {
  if (report === null) return "unchecked";
  if (report.kind === "resolver-silent") return "unanswered";
  const needed = report.records.filter(({ record }) => record.level !== "optional");
  const kinds = new Set(needed.map(({ verdict }) => verdict.kind));
  if (kinds.has("different")) return "wrong";
  if (kinds.has("missing") || kinds.has("disagreeing")) return "incomplete";
  return kinds.has("unanswered") ? "unanswered" : "right";
}

const wrongKinds: readonly RecordVerdict["kind"][] = ["missing", "different"];

/** Red only for a required record, without which mail is lost or refused. */
export function levelOfDomain(report: DomainCheckReport | null): ServerLevel {
  const health = healthOf(report);
  if (health === "right") return "good";
  if (countRequiredWrong(report) > 0) return "trouble";
  return health === "wrong" || health === "incomplete" ? "attention" : "unknown";
}

/** How many records that mail cannot do without are missing or say something else. */
export function countRequiredWrong(report: DomainCheckReport | null): number {
  if (report?.kind !== "checked") return 0;
  return report.records.filter(
    ({ record, verdict }) => record.level === "required" && wrongKinds.includes(verdict.kind),
  ).length;
}
