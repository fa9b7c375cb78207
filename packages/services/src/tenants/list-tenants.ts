import { domains, mailboxes, servers, tenants } from "@mailstead/db";
import { asc, count, sql } from "drizzle-orm";
import { type ServiceContext, withTransaction } from "../context/index.ts";

export type TenantRow = Awaited<ReturnType<typeof listTenants>>[number];

/** All customers that the context sees, by name, with how much they have. */
export async function listTenants(ctx: ServiceContext) {
  return withTransaction(ctx, async (tx) => {
    const rows = await tx
      .select()
      .from(tenants)
      .orderBy(asc(sql`lower(${tenants.name})`));
    const perTenant = {
      servers: await tx
        .select({ tenantId: servers.tenantId, count: count() })
        .from(servers)
        .groupBy(servers.tenantId),
      domains: await tx
        .select({ tenantId: domains.tenantId, count: count() })
        .from(domains)
        .groupBy(domains.tenantId),
      mailboxes: await tx
        .select({ tenantId: mailboxes.tenantId, count: count() })
        .from(mailboxes)
        .groupBy(mailboxes.tenantId),
    };
    const countOf = (list: { tenantId: string; count: number }[], tenantId: string) =>
      list.find((row) => row.tenantId === tenantId)?.count ?? 0;
    return rows.map(({ id, name, createdAt }) => ({
      id,
      name,
      createdAt,
      serverCount: countOf(perTenant.servers, id),
      domainCount: countOf(perTenant.domains, id),
      mailboxCount: countOf(perTenant.mailboxes, id),
    }));
  });
}
