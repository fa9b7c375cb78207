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
