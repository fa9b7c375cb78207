import { domainRoles, receivesMail } from "@mailstead/core/domains";
import { domainServers, servers, standIns, type Transaction } from "@mailstead/db";
import { and, eq, inArray, isNotNull, or, type SQL, sql } from "drizzle-orm";

const prefix = "domain ";
const groupPrefix = "stand-ins ";
const receivingRoles = domainRoles.filter(receivesMail);

/**
 * What each of these servers shares with those that take the same mail: a name for each domain that has more than one such
 * server. A server without an entry takes nobody else's mail.
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

/** The name that servers of one group of stand-ins share, of a row of theirs. A person may say so while a rollout runs. */
export const standInName: SQL<string | null> =
  sql`${sql.raw(`'${groupPrefix}'`)} || ${standIns.tenantId} || ' ' || ${standIns.groupName}`;

/** Of which names some server is offline, with those servers: their stand-ins must stay as they are. */
export async function readAwayStandIns(
  tx: Transaction,
  names: readonly string[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const wanted = [...new Set(names)];
  const rows = [...(await readAwayOfDomains(tx, wanted)), ...(await readAwayOfGroups(tx, wanted))];
  const away = new Map<string, Set<string>>();
  for (const { serverId, name } of rows) away.set(name, (away.get(name) ?? new Set()).add(serverId));
  return away;
}

const isAway = and(
  // One that never took mail stands in for nobody.
  isNotNull(servers.installRequestedAt),
  or(sql`${servers.gatewayId} is null`, sql`${servers.enrolmentState} <> 'enrolled'`),
);

async function readAwayOfDomains(tx: Transaction, names: readonly string[]) {
  const domainIds = names.filter((name) => name.startsWith(prefix)).map(domainOf);
  if (domainIds.length === 0) return [];
  const rows = await tx
    .select({ serverId: servers.id, domainId: domainServers.domainId })
    .from(domainServers)
    .innerJoin(servers, eq(servers.id, domainServers.serverId))
    .where(
      and(inArray(domainServers.domainId, domainIds), inArray(domainServers.role, receivingRoles), isAway),
    );
  return rows.map(({ serverId, domainId }) => ({ serverId, name: nameOf(domainId) }));
}

async function readAwayOfGroups(tx: Transaction, names: readonly string[]) {
  const wanted = new Set(names.filter((name) => name.startsWith(groupPrefix)));
  if (wanted.size === 0) return [];
  const rows = await tx
    .select({ serverId: servers.id, name: standInName })
    .from(standIns)
    .innerJoin(servers, eq(servers.id, standIns.serverId))
    .where(isAway);
  return rows.flatMap(({ serverId, name }) => (name !== null && wanted.has(name) ? { serverId, name } : []));
}

function nameOf(domainId: string): string {
  return prefix + domainId;
}

function domainOf(name: string): string {
  return name.slice(prefix.length);
}
