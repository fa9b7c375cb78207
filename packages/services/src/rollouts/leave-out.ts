import { rolloutMembers, type Transaction } from "@mailstead/db";
import { and, eq } from "drizzle-orm";
import type { ServiceContext } from "../context/index.ts";

/** Waits for those that have not begun no more; gives how many they were. */
export async function leaveOut(
  tx: Transaction,
  ctx: Pick<ServiceContext, "now">,
  { rolloutId, because }: { rolloutId: string; because: string },
): Promise<number> {
  const { rowCount } = await tx
    .update(rolloutMembers)
    .set({ state: "left-out", stateSince: ctx.now(), problem: because, waitsBecause: null })
    .where(and(eq(rolloutMembers.rolloutId, rolloutId), eq(rolloutMembers.state, "waiting")));
  return rowCount ?? 0;
}
