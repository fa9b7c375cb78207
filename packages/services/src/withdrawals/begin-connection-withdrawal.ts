import { dnsWithdrawals, type Transaction } from "@mailstead/db";
import { inArray } from "drizzle-orm";
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
  if (waiting.length > 0)
    await tx
      .update(dnsWithdrawals)
      .set({ connectionId })
      .where(
        inArray(
          dnsWithdrawals.id,
          waiting.map(({ withdrawalId }) => withdrawalId),
        ),
      );
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
