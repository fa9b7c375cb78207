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

/** Forgets a connection with its credentials; the records that were written through it stay. Throws `not-found`. */
export async function removeDnsConnection(
  ctx: ServiceContext,
  input: z.input<typeof connectionInput>,
): Promise<void> {
  requireRole(ctx, "admin");
  const { connectionId } = parseInput(connectionInput, input);
  await withTransaction(ctx, async (tx) => {
    const { tenantId, label, provider } = await findConnection(tx, connectionId);
    await tx.delete(dnsConnections).where(eq(dnsConnections.id, connectionId));
    await recordAudit(tx, ctx, {
      organisationId: ctx.organisationId,
      tenantId,
      action: "remove-dns-connection",
      subject: { kind: "dns-connection", id: connectionId, name: label },
      before: { provider },
    });
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
