import type { ConditionSigns, ToldHost } from "@mailstead/core/servers";
import { servers, type Transaction, targetStates, tenants } from "@mailstead/db";
import { and, eq, isNotNull, type SQL, sql } from "drizzle-orm";

/** The part of a server's facts that its host is judged by; null before its agent has told any. */
export const toldHost = sql<ToldHost | null>`case when ${servers.facts} is not null then jsonb_build_object(
  'services', coalesce(${servers.facts} -> 'services', '[]'),
  'canReachPort25', ${servers.facts} -> 'canReachPort25',
  'hasValidatedDns', ${servers.facts} -> 'hasValidatedDns',
  'diskFreeBytes', coalesce(${servers.facts} -> 'diskFreeBytes', '0'),
  'diskTotalBytes', coalesce(${servers.facts} -> 'diskTotalBytes', '0'),
  'memoryTotalBytes', coalesce(${servers.facts} -> 'memoryTotalBytes', '0'),
  'memoryAvailableBytes', coalesce(${servers.facts} -> 'memoryAvailableBytes', '0'),
  'queueSizeMessages', ${servers.facts} -> 'queueSizeMessages',
  'queueOldestAtUnixMs', ${servers.facts} -> 'queueOldestAtUnixMs',
  'queueLateMessages', ${servers.facts} -> 'queueLateMessages',
  'queueUntakenMessages', ${servers.facts} -> 'queueUntakenMessages',
  'queueWaiting', coalesce(${servers.facts} -> 'queueWaiting', '[]'),
  'dkimKeysGone', coalesce(${servers.facts} -> 'dkimKeysGone', '[]'),
  'isRebootRequired', coalesce(${servers.facts} -> 'isRebootRequired', 'false')) end`;

/** Whether a relay carries all mail. The documents are long, so only a host that needs a relay has its own opened. */
export const hasRelayForAll = sql<boolean>`case when (${servers.facts} ->> 'canReachPort25')::boolean is false then exists (
  select from ${targetStates}, jsonb_array_elements(${targetStates.document}::jsonb -> 'relays') relay
  where ${targetStates.serverId} = ${servers.id} and ${targetStates.revision} = ${servers.targetRevision}
  and relay ->> 'sendersOf' = '*' and (relay #>> '{smarthost,port}')::integer <> 25) else false end`;

export interface ToldConditionSigns {
  serverId: string;
  organisationId: string;
  tenantId: string;
  /** Null while nobody knows how the host is now. */
  signs: ConditionSigns | null;
}

/** What the hosts that were ever heard of tell of themselves now. */
export async function readConditionSigns(tx: Transaction, where?: SQL): Promise<ToldConditionSigns[]> {
  const rows = await tx
    .select({
      serverId: servers.id,
      organisationId: servers.organisationId,
      tenantId: servers.tenantId,
      appliedRevision: servers.appliedRevision,
      // What an agent told before it fell silent, or before it came back, may no longer be so; and of two hosts with one
      // identity nobody knows which one spoke.
      isCurrent: sql<boolean>`${servers.gatewayId} is not null and ${servers.enrolmentState} = 'enrolled'
        and (${servers.connectedAt} is null or ${servers.factsAt} >= ${servers.connectedAt})`,
      host: toldHost,
      hasRelayForAll,
    })
    .from(servers)
    // Columns are written with the names of their tables only in a query of several, as the relay's needs them.
    .innerJoin(tenants, eq(tenants.id, servers.tenantId))
    .where(and(isNotNull(servers.factsAt), where))
    .orderBy(servers.id);
  return rows.map(({ isCurrent, host, hasRelayForAll: isRelayed, appliedRevision, ...row }) => ({
    ...row,
    signs:
      isCurrent && host !== null
        ? { host, hasRelayForAll: isRelayed, isInstalled: appliedRevision > 0 }
        : null,
  }));
}
