import { blockListHosts, type Transaction } from "@mailstead/db";
import { and, gte, inArray } from "drizzle-orm";

/** Three rounds of a host, at their slowest. */
const freshForMs = 3 * 60 * 60_000;

/** Whether one of these hosts has itself asked block lists of late; then nobody asks them from outside about what is its. */
export async function hasHostView(
  tx: Transaction,
  serverIds: readonly string[],
  now: Date,
): Promise<boolean> {
  if (serverIds.length === 0) return false;
  const [fresh] = await tx
    .select({ serverId: blockListHosts.serverId })
    .from(blockListHosts)
    .where(
      and(
        inArray(blockListHosts.serverId, [...serverIds]),
        gte(blockListHosts.roundAt, new Date(now.getTime() - freshForMs)),
      ),
    )
    .limit(1);
  return fresh !== undefined;
}
