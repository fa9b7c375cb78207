import { rolloutMembers, rollouts, type Transaction } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { acrossCustomers, type ServiceContext, ServiceError } from "../context/index.ts";

type RolloutRow = typeof rollouts.$inferSelect;

/**
 * A rollout with whether all of it is the person's to see. Of one that goes over several customers, a customer's own people
 * see how it stands and their own servers, and nothing that somebody wrote of it. Throws `not-found`.
 */
export async function findRollout(
  tx: Transaction,
  ctx: ServiceContext,
  rolloutId: string,
): Promise<{ row: RolloutRow; isOwn: boolean }> {
  const [own] = await tx.select().from(rollouts).where(eq(rollouts.id, rolloutId));
  if (own !== undefined) return { row: own, isOwn: true };
  const [member] = await tx
    .select({ serverId: rolloutMembers.serverId })
    .from(rolloutMembers)
    .where(eq(rolloutMembers.rolloutId, rolloutId))
    .limit(1);
  if (member === undefined) throw new ServiceError("not-found", "There is no such rollout.");
  const [row] = await acrossCustomers(tx, ctx, () =>
    tx.select().from(rollouts).where(eq(rollouts.id, rolloutId)),
  );
  if (row === undefined) throw new ServiceError("not-found", "There is no such rollout.");
  return { row, isOwn: false };
}
