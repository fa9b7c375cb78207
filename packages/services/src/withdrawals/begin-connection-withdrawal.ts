import { dnsPublishedRecords, dnsWithdrawals, newId, type Transaction } from "@mailstead/db";
import { eq, inArray } from "drizzle-orm";
import type { ServiceContext } from "../context/index.ts";
import { insertWithdrawal } from "./begin-withdrawal.ts";
import { readConnectionValues, readWaitingFor } from "./connection-values.ts";

/**
 * Sees to what is still to be taken away through a connection that is being removed: what waits already keeps it, and
 * with `isWanted` everything else of ours goes too, but for the DKIM keys of living domains. Gives how many values come
 * to go, and whether the connection is still needed.
 */
export async function beginConnectionWithdrawal(
  tx: Transaction,
  ctx: ServiceContext,
  { connectionId, isWanted }: { connectionId: string; isWanted: boolean },
): Promise<{ withdrawn: number; isStillNeeded: boolean }> {
  const waiting = await readWaitingFor(tx, connectionId);
  for (const [withdrawalId, values] of Map.groupBy(waiting, (value) => value.withdrawalId))
    await bindTo(tx, ctx, { connectionId, withdrawalId, valueIds: values.map(({ id }) => id) });
  let withdrawn = 0;
  if (isWanted) {
    const { going, later } = await readConnectionValues(tx, { connectionId, now: ctx.now() });
    for (const one of [...going, ...later]) {
      await insertWithdrawal(tx, ctx, { ...one, connectionId });
      withdrawn += one.values.length;
    }
  }
  return { withdrawn, isStillNeeded: withdrawn + waiting.length > 0 };
}

/** Has values of a withdrawal go through a connection alone; those in zones that it does not reach go on as they were to. */
async function bindTo(
  tx: Transaction,
  ctx: ServiceContext,
  {
    connectionId,
    withdrawalId,
    valueIds,
  }: { connectionId: string; withdrawalId: string; valueIds: readonly string[] },
): Promise<void> {
  const [whole] = await tx
    .select()
    .from(dnsWithdrawals)
    .where(eq(dnsWithdrawals.id, withdrawalId))
    .for("update");
  if (whole === undefined) return;
  const count = await tx.$count(dnsPublishedRecords, eq(dnsPublishedRecords.withdrawalId, withdrawalId));
  if (count <= valueIds.length) {
    await tx.update(dnsWithdrawals).set({ connectionId }).where(eq(dnsWithdrawals.id, withdrawalId));
    return;
  }
  const id = newId(ctx.now());
  await tx.insert(dnsWithdrawals).values({ ...whole, id, connectionId, claimedUntil: null });
  await tx
    .update(dnsPublishedRecords)
    .set({ withdrawalId: id })
    .where(inArray(dnsPublishedRecords.id, [...valueIds]));
}
