import { providerSettingsSchema } from "@mailstead/core/publishing";
import { dnsConnections, newId, outbox } from "@mailstead/db";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  asConflict,
  parseInput,
  requireRole,
  type ServiceContext,
  withTransaction,
} from "../context/index.ts";
import { sealForWorker } from "../secrets/index.ts";
import { getTenantForChange } from "../tenants/index.ts";
import { connectionPurpose } from "./connection-secret.ts";

const connectDnsInput = z.object({
  label: z.string().trim().min(1, "Give the connection a name.").max(100),
  /** Left out: for the domains of every customer. */
  tenantId: z.uuid().nullable().default(null),
  settings: providerSettingsSchema,
});

/**
 * Connects an account at a DNS provider. The credentials are sealed for the worker before they are stored; nobody sees
 * them again. The worker tries them at once. Throws `conflict` when the name is taken.
 */
export async function connectDns(
  ctx: ServiceContext,
  input: z.input<typeof connectDnsInput>,
): Promise<{ connectionId: string }> {
  requireRole(ctx, "admin");
  const { label, settings, ...wanted } = parseInput(connectDnsInput, input);
  const tenantId = ctx.tenantId ?? wanted.tenantId;
  const now = ctx.now();
  const id = newId(now);
  const { organisationId } = ctx;
  return withTransaction(ctx, async (tx) => {
    if (tenantId !== null) await getTenantForChange(tx, tenantId);
    const box = await sealForWorker(tx, { purpose: connectionPurpose(id), text: JSON.stringify(settings) });
    try {
      await tx.insert(dnsConnections).values({
        id,
        organisationId,
        tenantId,
        provider: settings.provider,
        label,
        box,
        testRequestedAt: now,
        createdAt: now,
      });
    } catch (error) {
      throw asConflict(error, {
        index: "dns_connections_label",
        sentence: `There is a DNS connection named ${label} already.`,
        field: "label",
      });
    }
    await tx.insert(outbox).values({ organisationId, tenantId, kind: "dns", subjectId: id, createdAt: now });
    await recordAudit(tx, ctx, {
      organisationId,
      tenantId,
      action: "connect-dns",
      subject: { kind: "dns-connection", id, name: label },
      after: { provider: settings.provider },
    });
    return { connectionId: id };
  });
}
