import type { CheckFinding } from "../dns/index.ts";

/** Findings for a page: those that say the same of several places become one, with the evidence of all of them. */
export function tellOnce<Kind extends string>(findings: readonly CheckFinding<Kind>[]): CheckFinding<Kind>[] {
  const same = Map.groupBy(
    findings,
    ({ kind, severity, sentence, record }) => `${kind} ${severity} ${sentence} ${record}`,
  );
  return [...same.values()].flatMap(([first, ...others]) =>
    first === undefined
      ? []
      : [{ ...first, evidence: [...new Set([first, ...others].flatMap(({ evidence }) => evidence))] }],
  );
}
