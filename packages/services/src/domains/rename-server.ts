import { domainServers, type Transaction } from "@mailstead/db";
import { asc, eq, inArray, sql } from "drizzle-orm";
import { requireRole, type ServiceContext } from "../context/index.ts";
import { getDomainForChange } from "../mailboxes/index.ts";
import { changeHostname, getServerForChange, type SettingsChanged } from "../servers/index.ts";
import { tellServersOfDomains } from "./tell-domain-servers.ts";

/**
 * Gives a host another name, and in the same step tells the servers that share a domain with it: they recognise it by its
 * name, and the MTA-STS policy that one of them serves names it as an MX host. Throws `conflict` when another server has
 * the name.
 */
export async function renameServer(
  ctx: ServiceContext,
  input: Parameters<typeof changeHostname>[1],
): Promise<SettingsChanged> {
  requireRole(ctx, "technician");
  let shared: { id: string; name: string }[] = [];
  return changeHostname(ctx, input, {
    lock: async (tx, serverId) => {
      shared = await lockShared(tx, serverId);
    },
    tell: (tx, { name, hostname }) =>
      tellServersOfDomains(tx, ctx, { domains: shared, summary: `${name} is called ${hostname}` }),
  });
}

/** First the domains and then their servers, each in one order, so that two changes cannot wait for each other. */
async function lockShared(tx: Transaction, serverId: string): Promise<{ id: string; name: string }[]> {
  const ofServer = tx
    .select({ id: domainServers.domainId })
    .from(domainServers)
    .where(eq(domainServers.serverId, serverId));
  const rows = await tx
    .select({ domainId: domainServers.domainId })
    .from(domainServers)
    .where(inArray(domainServers.domainId, ofServer))
    .groupBy(domainServers.domainId)
    .having(sql`count(*) > 1`)
    .orderBy(asc(domainServers.domainId));
  const domains: { id: string; name: string }[] = [];
  for (const { domainId } of rows) domains.push(await getDomainForChange(tx, domainId));
  if (domains.length === 0) return [];
  const hosts = await tx
    .selectDistinct({ id: domainServers.serverId })
    .from(domainServers)
    .where(
      inArray(
        domainServers.domainId,
        domains.map(({ id }) => id),
      ),
    )
    .orderBy(asc(domainServers.serverId));
  for (const { id } of hosts) await getServerForChange(tx, id);
  return domains;
}
