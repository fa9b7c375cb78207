import type { HealthJudgement } from "./judge-health.ts";

/** What one look at a server's mail came to, and when. */
export interface JudgedProbe {
  readonly at: Date;
  readonly judgement: HealthJudgement;
}

export type NextProbe =
  | { readonly kind: "probe-again"; readonly at: Date }
  | { readonly kind: "settled"; readonly judgement: HealthJudgement };

/** Between two probes: services that were restarted are up by then, and a short outage of DNS is over. */
export const probeSpacingMs = 60_000;
/** After so many nothing more is learned: what has not been confirmed by then is unknown. */
export const probesMax = 5;

/**
 * Says whether a server's mail is judged, or is to be probed again. One probe that is well settles it; bad is only what
 * two probes found, spaced, with none between that was well. What was seen once only, or never, ends as unknown.
 */
export function nextProbe(probes: readonly JudgedProbe[], now: Date): NextProbe {
  const inOrder = probes.toSorted((one, other) => one.at.getTime() - other.at.getTime());
  const last = inOrder.at(-1);
  if (last === undefined) return { kind: "probe-again", at: now };
  if (last.judgement.kind === "well") return { kind: "settled", judgement: last.judgement };
  const lastWell = inOrder.findLastIndex(({ judgement }) => judgement.kind === "well");
  const since = inOrder.slice(lastWell + 1);
  const bad = since.filter(({ judgement }) => judgement.kind === "bad");
  const [firstBad, lastBad] = [bad[0], bad.at(-1)];
  if (firstBad && lastBad && lastBad.at.getTime() - firstBad.at.getTime() >= probeSpacingMs)
    return { kind: "settled", judgement: lastBad.judgement };
  if (probes.length >= probesMax) return { kind: "settled", judgement: leftOpen(last.judgement) };
  return {
    kind: "probe-again",
    at: new Date(Math.max(last.at.getTime() + probeSpacingMs, now.getTime())),
  };
}

function leftOpen(judgement: HealthJudgement): HealthJudgement {
  return judgement.kind === "bad" ? { ...judgement, kind: "unknown" } : judgement;
}
