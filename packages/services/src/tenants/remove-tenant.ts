import { dnsWithdrawals, domains, servers, tenants, zones } from "@mailstead/db";
import { asc, count, eq } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  parseInput,
  requireOrganisationScope,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { getTenantForChange } from "./get-tenant-for-change.ts";

const removeTenantInput = z.object({ tenantId: z.uuid() });

/** Removes a customer; throws `precondition-failed` while it has servers, domains or zones, or DNS records to take away. */
export async function removeTenant(
  ctx: ServiceContext,
  input: z.input<typeof removeTenantInput>,
): Promise<void> {
  requireRole(ctx, "admin");
  requireOrganisationScope(ctx);
  const { tenantId } = parseInput(removeTenantInput, input);
  await withTransaction(ctx, async (tx) => {
    const tenant = await getTenantForChange(tx, tenantId);
    const [held] = await tx.select({ count: count() }).from(servers).where(eq(servers.tenantId, tenantId));
    const [named] = await tx.select({ count: count() }).from(domains).where(eq(domains.tenantId, tenantId));
    const [hosted] = await tx.select({ count: count() }).from(zones).where(eq(zones.tenantId, tenantId));
    if ((hosted?.count ?? 0) > 0)
      throw new ServiceError(
        "precondition-failed",
        `${tenant.name} still has ${hosted?.count} hosted zone${hosted?.count === 1 ? "" : "s"}; remove those first.`,
      );
    if ((held?.count ?? 0) > 0 || (named?.count ?? 0) > 0)
      throw new ServiceError(
        "precondition-failed",
        `${tenant.name} still has ${held?.count ?? 0} servers and ${named?.count ?? 0} domains; remove those first.`,
      );
    const leaving = await tx
      .select({ domainName: dnsWithdrawals.domainName })
      .from(dnsWithdrawals)
      .where(eq(dnsWithdrawals.tenantId, tenantId))
      .orderBy(asc(dnsWithdrawals.domainName));
    if (leaving.length > 0)
      throw new ServiceError(
        "precondition-failed",
        `DNS records of ${leaving[0]?.domainName} are still to be taken away, DKIM keys a week after their domain. Wait until they are gone, or leave them where they are under Settings, "Records to take away".`,
      );
    await tx.delete(tenants).where(eq(tenants.id, tenantId));
    await recordAudit(tx, ctx, {
      organisationId: ctx.organisationId,
      tenantId: null,
      action: "remove-tenant",
      subject: { kind: "tenant", id: tenantId, name: tenant.name },
      before: { name: tenant.name },
    });
  });
}
