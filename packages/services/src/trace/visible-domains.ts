import { deliveryDays, domainServers, domains, type Transaction } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { union } from "drizzle-orm/pg-core";
import type { ServiceContext } from "../context/index.ts";
import { carriedLately } from "./carried-lately.ts";

/**
 * The domains whose mail a person may see on a server, for the arguments of the job: those of his customer that are there
 * or were not long ago, or null for people of the organisation, who see all of it. A browser has no say in it.
 */
export async function readVisibleDomains(
  tx: Transaction,
  ctx: Pick<ServiceContext, "tenantId" | "now">,
  serverId: string,
): Promise<string[] | null> {
  if (ctx.tenantId === null) return null;
  const rows = await union(
    tx
      .select({ name: domains.name })
      .from(domains)
      .innerJoin(domainServers, eq(domainServers.domainId, domains.id))
      .where(eq(domainServers.serverId, serverId)),
    tx
      .select({ name: domains.name })
      .from(domains)
      .innerJoin(deliveryDays, carriedLately(ctx.now()))
      .where(eq(deliveryDays.serverId, serverId)),
  );
  return rows.map(({ name }) => name).sort();
}
