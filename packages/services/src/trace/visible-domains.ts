import { domainServers, domains, type Transaction } from "@mailstead/db";
import { eq } from "drizzle-orm";
import type { ServiceContext } from "../context/index.ts";

/**
 * The domains whose mail a person may see on a server, for the arguments of the job: those of his customer that are there,
 * or null for people of the organisation, who see all of it. A browser has no say in it.
 */
export async function readVisibleDomains(
  tx: Transaction,
  ctx: Pick<ServiceContext, "tenantId">,
  serverId: string,
): Promise<string[] | null> {
  if (ctx.tenantId === null) return null;
  const rows = await tx
    .select({ name: domains.name })
    .from(domains)
    .innerJoin(domainServers, eq(domainServers.domainId, domains.id))
    .where(eq(domainServers.serverId, serverId))
    .orderBy(domains.name);
  return rows.map(({ name }) => name);
}
