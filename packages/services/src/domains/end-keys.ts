import { defaultRotationTiming } from "@mailstead/core/dkim";
import { dkimKeys, type Transaction } from "@mailstead/db";
import { and, eq, isNull, or } from "drizzle-orm";
import type { ServiceContext } from "../context/index.ts";

/**
 * Ends the keys of a server that a domain gives up, and gives their selectors. Mail that a key has signed is still under
 * way, so its record goes on standing for a while; one that signed nothing goes at once.
 */
export async function endKeys(
  tx: Transaction,
  ctx: ServiceContext,
  { domainId, serverId }: { domainId: string; serverId: string },
): Promise<string[]> {
  const own = and(eq(dkimKeys.domainId, domainId), eq(dkimKeys.serverId, serverId));
  const unused = await tx
    .delete(dkimKeys)
    .where(and(own, eq(dkimKeys.state, "waiting")))
    .returning({ selector: dkimKeys.selector });
  // What went down with a machine waits for a rotation or for a key in its place, and neither comes any more.
  const isLeft = and(
    eq(dkimKeys.state, "retiring"),
    isNull(dkimKeys.replacedBy),
    isNull(dkimKeys.recordEndsAt),
  );
  const recordEndsAt = new Date(ctx.now().getTime() + defaultRotationTiming.queueLifeMs);
  const used = await tx
    .update(dkimKeys)
    .set({ state: "retiring", recordEndsAt })
    .where(and(own, or(eq(dkimKeys.state, "signing"), isLeft)))
    .returning({ selector: dkimKeys.selector });
  return [...unused, ...used].map(({ selector }) => selector).sort();
}
