import type { MemberState } from "@mailstead/core/rollouts";
import { rolloutMembers, rollouts, type Transaction } from "@mailstead/db";
import { and, count, desc, inArray, isNotNull, isNull, lt } from "drizzle-orm";
import { z } from "zod";
import { acrossCustomers, parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import { isOwnRollout, lineOf, type MemberCounts, type RolloutLine } from "./rollout-view.ts";

const listInput = z.object({
  /** Those that are not over, or the history. */
  isOver: z.boolean(),
  /** Id of the last of the page before. */
  cursor: z.uuid().optional(),
  limit: z.int().min(1).max(100).default(20),
});

export interface RolloutsPage {
  readonly rollouts: readonly RolloutLine[];
  readonly total: number;
  readonly nextCursor: string | null;
}

/** Rollouts that run or are halted, or those that are over, the newest first. A customer's own people see those of their servers. */
export function listRollouts(ctx: ServiceContext, input: z.input<typeof listInput>): Promise<RolloutsPage> {
  const { isOver, cursor, limit } = parseInput(listInput, input);
  return withTransaction(ctx, async (tx) => {
    const matches = and(
      isOver ? isNotNull(rollouts.endedAt) : isNull(rollouts.endedAt),
      ctx.tenantId === null ? undefined : inArray(rollouts.id, await readTouching(tx)),
    );
    const { total, rows } = await acrossCustomers(tx, ctx, async () => {
      const [all] = await tx.select({ count: count() }).from(rollouts).where(matches);
      const found = await tx
        .select()
        .from(rollouts)
        // Ids carry their time, so the id alone is the position.
        .where(and(matches, cursor === undefined ? undefined : lt(rollouts.id, cursor)))
        .orderBy(desc(rollouts.id))
        .limit(limit + 1);
      return { total: all?.count ?? 0, rows: found };
    });
    const page = rows.slice(0, limit);
    const counts = await readCounts(
      tx,
      page.map(({ id }) => id),
    );
    return {
      rollouts: page.map((row) =>
        lineOf(row, { counts: counts.get(row.id) ?? {}, isOwn: isOwnRollout(ctx, row) }),
      ),
      total,
      nextCursor: rows.length > limit ? (page.at(-1)?.id ?? null) : null,
    };
  });
}

/** Rollouts with a member among the servers that the person may see. */
async function readTouching(tx: Transaction): Promise<string[]> {
  const rows = await tx.selectDistinct({ id: rolloutMembers.rolloutId }).from(rolloutMembers);
  return rows.map(({ id }) => id);
}

async function readCounts(
  tx: Transaction,
  rolloutIds: readonly string[],
): Promise<ReadonlyMap<string, MemberCounts>> {
  const rows = await tx
    .select({ rolloutId: rolloutMembers.rolloutId, state: rolloutMembers.state, count: count() })
    .from(rolloutMembers)
    .where(inArray(rolloutMembers.rolloutId, [...rolloutIds]))
    .groupBy(rolloutMembers.rolloutId, rolloutMembers.state);
  const counts = new Map<string, Partial<Record<MemberState, number>>>();
  for (const row of rows) counts.set(row.rolloutId, { ...counts.get(row.rolloutId), [row.state]: row.count });
  return counts;
}
