import type { ToldOfFinding } from "../checks/index.ts";
import type { FindingSeverity } from "../dns/index.ts";
import { judgeDelegation } from "./judge-delegation.ts";
import { isDelegatedTo } from "./judge-signers.ts";
import type { Delegation, DelegationStep, DelegationStepKind, SeenDelegation } from "./plan-delegation.ts";

/** What a look at a hosted zone found, as it is remembered and told. */
export interface ZoneFinding {
  key: string;
  severity: FindingSeverity;
  sentence: string;
  told: ToldOfFinding;
}

// A change reaches the secondary within seconds; what lasts longer than this does not come by itself.
const serialsMayDifferForMs = 10 * 60_000;

/**
 * The steps of a zone that are not done, as findings: errors are what receivers notice now, and before the world asks
 * our name servers there are none, only what is left to do.
 */
export function findZoneProblems(
  zone: string,
  { wanted, seen, now }: { wanted: Delegation; seen: SeenDelegation; now: Date },
): ZoneFinding[] {
  const isAsked = isDelegatedTo(wanted, seen);
  return judgeDelegation(zone, wanted, seen).flatMap((step) => {
    const severity = severityOf(step, { isAsked, seen, now });
    return severity === null
      ? []
      : [
          {
            key: keyOf(step.kind, zone),
            severity,
            sentence: step.sentence,
            told: {
              evidence: step.evidence,
              ...(step.fix === undefined ? {} : { fix: step.fix }),
              ...(step.record === undefined ? {} : { record: step.record }),
            },
          },
        ];
  });
}

/** What nobody could be asked about, so that a look says nothing of it. */
export function unseenOfZone(
  zone: string,
  { wanted, seen }: { wanted: Delegation; seen: SeenDelegation },
): (key: string) => boolean {
  const unknown = judgeDelegation(zone, wanted, seen).filter(({ state }) => state === "unknown");
  const keys = new Set(unknown.map(({ kind }) => keyOf(kind, zone)));
  return (key) => keys.has(key);
}

/** Since when two servers have held different versions, from this look and the one before. */
export function serialsDifferSince(
  { servers }: Pick<SeenDelegation, "servers">,
  { before, now }: { before: string | null; now: Date },
): string | null {
  const serials = new Set(servers.flatMap(({ serial }) => (serial === null ? [] : [serial])));
  return serials.size < 2 ? null : (before ?? now.toISOString());
}

function keyOf(kind: DelegationStepKind, zone: string): string {
  return `zone-${kind} ${zone}`;
}

function severityOf(
  { kind, state }: DelegationStep,
  { isAsked, seen, now }: { isAsked: boolean; seen: SeenDelegation; now: Date },
): FindingSeverity | null {
  if (state === "done" || state === "unknown") return null;
  const since = seen.serialsDifferSince;
  const isLasting = since !== undefined && now.getTime() - Date.parse(since) >= serialsMayDifferForMs;
  if (kind === "same-serial" && !isLasting) return null;
  if (!isAsked) return "instruction";
  switch (kind) {
    case "same-serial":
      return "warning";
    case "answers":
      // With one of two the world still finds the zone.
      return state === "todo" ? "error" : "warning";
    case "name-servers":
      return "warning";
    case "glue":
      return state === "todo" ? "error" : "warning";
    case "signers":
      return state === "wrong" ? "error" : "instruction";
  }
}
