import { domainRoles, receivesMail } from "@mailstead/core/domains";
import type { KeptApart } from "@mailstead/core/rollouts";
import { domainServers, servers, standIns, type Transaction } from "@mailstead/db";
import { and, eq, inArray, isNotNull, or, type SQL, sql } from "drizzle-orm";

const prefix = "domain ";
const groupPrefix = "stand-ins ";
const receivingRoles = domainRoles.filter(receivesMail);

/**
 * What each of these servers shares with those that take the same mail: a key for each domain that has more than one such
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
  const keys = new Map<string, string[]>();
  for (const { serverId, domainId } of rows)
    if (wanted.has(serverId)) keys.set(serverId, [...(keys.get(serverId) ?? []), keyOf(domainId)]);
  return keys;
}

/** Groups of stand-ins: their key and what they are called, by the server. */
export async function readStandInGroups(
  tx: Transaction,
): Promise<ReadonlyMap<string, { key: string; groupName: string }>> {
  const rows = await tx
    .select({ serverId: standIns.serverId, key: standInKey, groupName: standIns.groupName })
    .from(standIns);
  return new Map(
    rows.flatMap(({ serverId, key, groupName }) =>
      key === null ? [] : [[serverId, { key, groupName }] as const],
    ),
  );
}

/** The key that servers of one group of stand-ins share, of a row of theirs. A person may say so while a rollout runs. */
export const standInKey: SQL<string | null> =
  sql`${sql.raw(`'${groupPrefix}'`)} || ${standIns.tenantId} || ' ' || ${standIns.groupName}`;

/** Servers that are offline, by the keys that they share: their stand-ins must stay as they are. */
export type AwayStandIns = ReadonlyMap<string, readonly { serverId: string; name: string }[]>;

export async function readAwayStandIns(tx: Transaction, keys: readonly string[]): Promise<AwayStandIns> {
  const wanted = [...new Set(keys)];
  return Map.groupBy(
    [...(await readAwayOfDomains(tx, wanted)), ...(await readAwayOfGroups(tx, wanted))],
    ({ key }) => key,
  );
}

/** Another server that is offline and shares one of these keys. */
export function awayStandInOf(
  { serverId, keepApart }: { serverId: string; keepApart: readonly string[] },
  away: AwayStandIns,
): KeptApart | null {
  for (const key of keepApart) {
    const other = away.get(key)?.find((one) => one.serverId !== serverId);
    if (other !== undefined) return { key, name: other.name };
  }
  return null;
}

const isAway = and(
  // One that never took mail stands in for nobody.
  isNotNull(servers.installRequestedAt),
  or(sql`${servers.gatewayId} is null`, sql`${servers.enrolmentState} <> 'enrolled'`),
);

async function readAwayOfDomains(tx: Transaction, keys: readonly string[]) {
  const wanted = new Set(keys.filter((key) => key.startsWith(prefix)));
  if (wanted.size === 0) return [];
  // Few servers are away; of domains a fleet has more than a question may have parameters.
  const rows = await tx
    .select({ serverId: servers.id, name: servers.name, domainId: domainServers.domainId })
    .from(domainServers)
    .innerJoin(servers, eq(servers.id, domainServers.serverId))
    .where(and(inArray(domainServers.role, receivingRoles), isAway));
  return rows.flatMap(({ domainId, ...server }) => {
    const key = keyOf(domainId);
    return wanted.has(key) ? { ...server, key } : [];
  });
}

async function readAwayOfGroups(tx: Transaction, keys: readonly string[]) {
  const wanted = new Set(keys.filter((key) => key.startsWith(groupPrefix)));
  if (wanted.size === 0) return [];
  const rows = await tx
    .select({ serverId: servers.id, name: servers.name, key: standInKey })
    .from(standIns)
    .innerJoin(servers, eq(servers.id, standIns.serverId))
    .where(isAway);
  return rows.flatMap(({ key, ...server }) => (key !== null && wanted.has(key) ? { ...server, key } : []));
}

function keyOf(domainId: string): string {
  return prefix + domainId;
}
