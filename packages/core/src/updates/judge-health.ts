import type { HealthBaseline, HealthReason } from "./health-baseline.ts";
import { judgeFigures } from "./judge-figures.ts";
import type { HealthCheck, HealthCheckId, MailHealth } from "./mail-health.ts";

/** `standing` says what was bad or could not be tried before already, which is not held against the update. */
export type HealthJudgement = { readonly standing: readonly HealthReason[] } & (
  | { readonly kind: "well" }
  | { readonly kind: "bad"; readonly reasons: readonly HealthReason[] }
  /** It could not be told, which says nothing against the update and nothing for it. */
  | { readonly kind: "unknown"; readonly reasons: readonly HealthReason[] }
);

/**
 * Judges a server's mail after a change by what it was before it. Bad is only what was tried and failed now and had not
 * failed before, or a figure beyond the server's own baseline; where nothing is bad and something could be told before
 * and cannot be told now, it is unknown. Null says that no probe came.
 */
export function judgeHealth({
  before,
  after,
  baseline,
}: {
  readonly before: MailHealth | null;
  readonly after: MailHealth | null;
  readonly baseline: HealthBaseline;
}): HealthJudgement {
  if (after === null)
    return {
      kind: "unknown",
      reasons: [{ about: "probe", sentence: "The server did not tell how its mail is." }],
      standing: [],
    };
  const bad: HealthReason[] = [];
  const unknown: HealthReason[] = [];
  const standing: HealthReason[] = [];
  const known = checksById(before);
  const now = checksById(after);
  for (const [id, checks] of now) {
    const verdict = judgeCheck(known.get(id), checks);
    const reasons: HealthReason[] = { bad, unknown, standing, well: [] }[verdict];
    for (const check of checks)
      if (check.state === stateToTell(checks)) reasons.push({ about: id, sentence: check.sentence });
  }
  for (const id of known.keys())
    if (!now.has(id) && stateToTell(known.get(id) ?? []) !== "unknown")
      unknown.push({ about: id, sentence: `The server did not try "${id}" again.` });
  bad.push(...judgeFigures({ before: before?.figures ?? null, after: after.figures, baseline }));
  if (bad.length > 0) return { kind: "bad", reasons: bad, standing };
  // Where nothing at all could be tried, nothing speaks for the update, whatever could be tried before.
  const hasTried = after.checks.some(({ state }) => state !== "unknown");
  if (unknown.length === 0 && hasTried) return { kind: "well", standing };
  return {
    kind: "unknown",
    reasons:
      unknown.length > 0 ? unknown : [{ about: "probe", sentence: "Nothing of its mail could be tried." }],
    standing,
  };
}

function judgeCheck(
  before: readonly HealthCheck[] | undefined,
  after: readonly HealthCheck[],
): "bad" | "unknown" | "standing" | "well" {
  const was = before === undefined ? null : stateToTell(before);
  switch (stateToTell(after)) {
    case "ok":
      return "well";
    case "unknown":
      return was === "unknown" ? "standing" : "unknown";
    case "bad": {
      if (was !== "bad") return "bad";
      const old = new Set(faultsOf(before ?? []));
      return faultsOf(after).some((fault) => !old.has(fault)) ? "bad" : "standing";
    }
  }
}

/** What the checks of one kind come to: one that is bad outweighs, and one that could not be tried leaves it open. */
function stateToTell(checks: readonly HealthCheck[]): HealthCheck["state"] {
  return (["bad", "unknown"] as const).find((one) => checks.some(({ state }) => state === one)) ?? "ok";
}

function faultsOf(checks: readonly HealthCheck[]): readonly string[] {
  return checks.flatMap(({ state, faults }) => (state === "bad" ? faults : []));
}

function checksById(health: MailHealth | null): ReadonlyMap<HealthCheckId, readonly HealthCheck[]> {
  return Map.groupBy(health?.checks ?? [], ({ id }) => id);
}
