import { defaultRotationTiming } from "@mailstead/core/dkim";
import { dkimKeys, leftDkimKeys, type Transaction } from "@mailstead/db";
import { and, eq, isNull, ne } from "drizzle-orm";

// As long as mail that they signed may be on its way, so that nothing of a domain is gone before its records are.
const keysStayMs = defaultRotationTiming.queueLifeMs;

/**
 * Notes which private keys of a domain lie on the hosts that it leaves, so that they are destroyed there later: those of one
 * server, or of all. Call it before the keys' rows go, in the same transaction.
 */
export async function leaveKeysBehind(
  tx: Transaction,
  ctx: { now(): Date },
  { domain, serverId }: { domain: { id: string; name: string }; serverId?: string },
): Promise<void> {
  const now = ctx.now();
  const left = await tx
    .select({
      organisationId: dkimKeys.organisationId,
      tenantId: dkimKeys.tenantId,
      serverId: dkimKeys.serverId,
      selector: dkimKeys.selector,
    })
    .from(dkimKeys)
    .where(
      and(
        eq(dkimKeys.domainId, domain.id),
        serverId === undefined ? undefined : eq(dkimKeys.serverId, serverId),
        ne(dkimKeys.state, "destroyed"),
        isNull(dkimKeys.privateKeyGoneAt),
      ),
    );
  if (left.length === 0) return;
  await tx
    .insert(leftDkimKeys)
    .values(
      left.map((key) => ({
        ...key,
        domainName: domain.name,
        destroyFrom: new Date(now.getTime() + keysStayMs),
        createdAt: now,
      })),
    )
    // The server may have left before, and its time has begun then.
    .onConflictDoNothing();
}
