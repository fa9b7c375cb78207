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
 * are to be taken away first. Throws `not-found`.
 */
export async function removeDnsConnection(
  ctx: ServiceContext,
  input: z.input<typeof removeInput>,
): Promise<{ withdrawn: number }> {
  requireRole(ctx, "admin");
  const { connectionId, withdrawsRecords } = parseInput(removeInput, input);
  return withTransaction(ctx, async (tx) => {
    const { tenantId, label, provider } = await findConnection(tx, connectionId);
    const withdrawn = withdrawsRecords ? await beginConnectionWithdrawal(tx, ctx, { connectionId }) : 0;
    if (withdrawn > 0)
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
      ...(withdrawn > 0 ? { after: { recordsToTakeAway: withdrawn } } : {}),
    });
    return { withdrawn };
  });
}

async function findConnection(tx: Transaction, connectionId: string) {
  const [row] = await tx
    .select({
      tenantId: dnsConnections.tenantId,
      label: dnsConnections.label,
      provider: dnsConnections.provider,
    })
    .from(dnsConnections)
    .where(eq(dnsConnections.id, connectionId));
  if (row === undefined) throw new ServiceError("not-found", "There is no such DNS connection.");
  return row;
}
