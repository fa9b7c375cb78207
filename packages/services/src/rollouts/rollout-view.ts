import type { MemberState, RolloutKind, RolloutState } from "@mailstead/core/rollouts";
import type { rollouts } from "@mailstead/db";
import type { ServiceContext } from "../context/index.ts";

/** A rollout in a line. */
export interface RolloutLine {
  readonly id: string;
  readonly kind: RolloutKind;
  /** What was written of it; null where it also goes over servers of others. */
  readonly title: string | null;
  readonly state: RolloutState;
  /** The last wave that may start; 0 is the canary. */
  readonly wave: number;
  /** The number of the last wave. */
  readonly lastWave: number;
  readonly asksApproval: boolean;
  readonly waitsBecause: string | null;
  readonly haltedBecause: string | null;
  readonly startedBy: string;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly servers: number;
  readonly counts: MemberCounts;
}

/** How many of the members that the person may see are in each state. */
export type MemberCounts = Readonly<Partial<Record<MemberState, number>>>;

/** What may be told of a row, with what is counted of the members in sight. */
export function lineOf(
  row: typeof rollouts.$inferSelect,
  { counts, isOwn }: { counts: MemberCounts; isOwn: boolean },
): RolloutLine {
  const { id, kind, state, wave, settings, asksApproval, startedBy, startedAt, endedAt } = row;
  return {
    ...{ id, kind, state, wave, asksApproval, startedBy, startedAt, endedAt, counts },
    lastWave: settings.waves.length,
    title: isOwn ? row.title : null,
    waitsBecause: isOwn ? row.waitsBecause : null,
    haltedBecause: isOwn ? row.haltedBecause : null,
    servers: Object.values(counts).reduce((sum, count) => sum + count, 0),
  };
}

export function isOwnRollout(
  { tenantId }: Pick<ServiceContext, "tenantId">,
  row: typeof rollouts.$inferSelect,
): boolean {
  return tenantId === null || row.tenantId === tenantId;
}
