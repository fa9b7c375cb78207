import { dnsConnections, outbox, type Transaction } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { beginConnectionWithdrawal } from "../withdrawals/index.ts";

const connectionInput = z.object({ connectionId: z.uuid() });

/** Has the worker try the credentials again and list the zones anew. Throws `not-found`. */
export async function testDnsConnection(
  ctx: ServiceContext,
  input: z.input<typeof connectionInput>,
): Promise<void> {
  requireRole(ctx, "technician");
  const { connectionId } = parseInput(connectionInput, input);
  const now = ctx.now();
  await withTransaction(ctx, async (tx) => {
    const { tenantId } = await findConnection(tx, connectionId);
    await tx
      .update(dnsConnections)
      .set({ state: "testing", problem: null, testRequestedAt: now })
      .where(eq(dnsConnections.id, connectionId));
    const { organisationId } = ctx;
    await tx
      .insert(outbox)
      .values({ organisationId, tenantId, kind: "dns", subjectId: connectionId, createdAt: now });
  });
}

const removeInput = connectionInput.extend({
  /** Takes away what was written through it as well; the connection goes once that is done. */
  withdrawsRecords: z.boolean().default(false),
});

/**
 * Forgets a connection with its credentials. The records that were written through it stay where they are, unless they
 * are to be taken away first; DKIM keys that domains sign with stay in any case. While something is still to be taken
 * away, the connection is kept for that alone. Throws `not-found`, and `precondition-failed` for one that is kept so.
 */
export async function removeDnsConnection(
  ctx: ServiceContext,
  input: z.input<typeof removeInput>,
): Promise<{ withdrawn: number; isKept: boolean }> {
  requireRole(ctx, "admin");
  const { connectionId, withdrawsRecords } = parseInput(removeInput, input);
  return withTransaction(ctx, async (tx) => {
    const { tenantId, label, provider, leavingSince } = await findConnection(tx, connectionId);
    const { withdrawn, isStillNeeded } = await beginConnectionWithdrawal(tx, ctx, {
      connectionId,
      isWanted: withdrawsRecords,
    });
    if (isStillNeeded && leavingSince !== null)
      throw new ServiceError(
        "precondition-failed",
        `Records are still to be taken away through ${label}; it goes with the last of them. Under "Records to take away" you can leave them where they are.`,
      );
    if (isStillNeeded)
      await tx
        .update(dnsConnections)
        .set({ leavingSince: ctx.now() })
        .where(eq(dnsConnections.id, connectionId));
    else await tx.delete(dnsConnections).where(eq(dnsConnections.id, connectionId));
    await recordAudit(tx, ctx, {
      organisationId: ctx.organisationId,
      tenantId,
      action: "remove-dns-connection",
      subject: { kind: "dns-connection", id: connectionId, name: label },
      before: { provider },
      ...(isStillNeeded ? { after: { recordsToTakeAway: withdrawn, isKeptUntilTheyAreGone: true } } : {}),
    });
    return { withdrawn, isKept: isStillNeeded };
  });
}

async function findConnection(tx: Transaction, connectionId: string) {
  const [row] = await tx
    .select({
      tenantId: dnsConnections.tenantId,
      label: dnsConnections.label,
      provider: dnsConnections.provider,
      leavingSince: dnsConnections.leavingSince,
    })
    .from(dnsConnections)
    .where(eq(dnsConnections.id, connectionId));
  if (row === undefined) throw new ServiceError("not-found", "There is no such DNS connection.");
  return row;
}
