import { domainRoles, receivesMail } from "@mailstead/core/domains";
import { domainServers, servers, type Transaction } from "@mailstead/db";
import { and, eq, inArray, isNotNull, or, sql } from "drizzle-orm";

const receivingRoles = domainRoles.filter(receivesMail);

/**
 * What each of these servers shares with those that stand in for it: a name for each domain whose mail more than one server
 * takes. A server without an entry stands alone.
 */
export async function readKeepApart(
  tx: Transaction,
  serverIds: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await tx
    .select({ serverId: domainServers.serverId, domainId: domainServers.domainId })
    .from(domainServers)
    .where(
      and(
        inArray(domainServers.role, receivingRoles),
        sql`${domainServers.domainId} in (
          select ds.domain_id from ${domainServers} ds where ${inArray(sql`ds.role`, receivingRoles)}
          group by ds.domain_id having count(*) > 1)`,
      ),
    )
    .orderBy(domainServers.domainId);
  const wanted = new Set(serverIds);
  const names = new Map<string, string[]>();
  for (const { serverId, domainId } of rows)
    if (wanted.has(serverId)) names.set(serverId, [...(names.get(serverId) ?? []), nameOf(domainId)]);
  return names;
}

/** Of which names some server is offline, with those servers: their stand-ins must stay as they are. */
export async function readAwayStandIns(
  tx: Transaction,
  names: readonly string[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const domainIds = [...new Set(names)].filter((name) => name.startsWith(prefix)).map(domainOf);
  if (domainIds.length === 0) return new Map();
  const rows = await tx
    .select({ serverId: servers.id, domainId: domainServers.domainId })
    .from(domainServers)
    .innerJoin(servers, eq(servers.id, domainServers.serverId))
    .where(
      and(
        inArray(domainServers.domainId, domainIds),
        inArray(domainServers.role, receivingRoles),
        // One that never took mail stands in for nobody.
        isNotNull(servers.installRequestedAt),
        or(sql`${servers.gatewayId} is null`, sql`${servers.enrolmentState} <> 'enrolled'`),
      ),
    );
  const away = new Map<string, Set<string>>();
  for (const { serverId, domainId } of rows) {
    const name = nameOf(domainId);
    away.set(name, (away.get(name) ?? new Set()).add(serverId));
  }
  return away;
}

const prefix = "domain ";

function nameOf(domainId: string): string {
  return prefix + domainId;
}

function domainOf(name: string): string {
  return name.slice(prefix.length);
}
