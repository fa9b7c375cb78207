import {
  judgeServer,
  type LastJob,
  type ServerJudgement,
  type ServerSigns,
  type ServerStatus,
  type ServiceState,
} from "@mailstead/core/servers";
import { domainServers, servers, type Transaction, targetStates, tenants } from "@mailstead/db";
import { eq, type SQL, sql } from "drizzle-orm";

/** What a list shows of a server; small, because a list holds many. */
export interface ServerRow extends ServerJudgement {
  id: string;
  name: string;
  hostname: string;
  tenantId: string;
  tenantName: string;
  isConnected: boolean;
  lastSeenAt: Date | null;
  osName: string | null;
  agentVersion: string | null;
  ipAddresses: string[];
  queueSizeMessages: number | null;
  isRebootRequired: boolean;
  stoppedServices: string[];
  hasDrift: boolean;
  domainCount: number;
  targetRevision: number;
  appliedRevision: number;
  createdAt: Date;
}

/** Reads the servers that the context sees, without facts and reports in full, and judges each. */
export async function readServerRows(tx: Transaction, where?: SQL): Promise<ServerRow[]> {
  const rows = await tx
    .select({
      id: servers.id,
      name: servers.name,
      hostname: servers.hostname,
      tenantId: servers.tenantId,
      tenantName: tenants.name,
      enrolmentState: servers.enrolmentState,
      gatewayId: servers.gatewayId,
      lastSeenAt: servers.lastSeenAt,
      installRequestedAt: servers.installRequestedAt,
      targetRevision: servers.targetRevision,
      appliedRevision: servers.appliedRevision,
      hasDrift: servers.hasDrift,
      createdAt: servers.createdAt,
      osName: sql<string | null>`${servers.facts} ->> 'osName'`,
      agentVersion: sql<string | null>`${servers.facts} ->> 'agentVersion'`,
      ipAddresses: sql<string[] | null>`${servers.facts} -> 'ipAddresses'`,
      queueSizeMessages: sql<number | null>`(${servers.facts} ->> 'queueSizeMessages')::integer`,
      host: sql<ServerSigns["host"]>`case when ${servers.facts} is not null then jsonb_build_object(
        'canReachPort25', ${servers.facts} -> 'canReachPort25',
        'hasValidatedDns', ${servers.facts} -> 'hasValidatedDns',
        'diskFreeBytes', coalesce(${servers.facts} -> 'diskFreeBytes', '0'),
        'diskTotalBytes', coalesce(${servers.facts} -> 'diskTotalBytes', '0'),
        'memoryTotalBytes', coalesce(${servers.facts} -> 'memoryTotalBytes', '0'),
        'memoryAvailableBytes', coalesce(${servers.facts} -> 'memoryAvailableBytes', '0'),
        'queueSizeMessages', ${servers.facts} -> 'queueSizeMessages',
        'queueLateMessages', ${servers.facts} -> 'queueLateMessages',
        'queueUntakenMessages', ${servers.facts} -> 'queueUntakenMessages',
        'dkimKeysGone', coalesce(${servers.facts} -> 'dkimKeysGone', '[]'),
        'isRebootRequired', coalesce(${servers.facts} -> 'isRebootRequired', 'false')) end`,
      services: sql<ServiceState[] | null>`${servers.facts} -> 'services'`,
      domainCount: sql<number>`(select count(*)::integer from ${domainServers} where ${domainServers.serverId} = ${servers.id})`,
      isDirectoryBehind: sql<boolean>`(${servers.appliedDirectoryEpoch}, ${servers.appliedDirectoryRevision})
        < (${servers.directoryEpoch}, ${servers.directoryRevision})`,
      lastConverge: lastJob("converge"),
      lastSync: lastJob("sync-directory"),
      lastRestart: sql<
        ServerSigns["lastRestart"]
      >`(select jsonb_build_object('id', last.id, 'state', last.state,
          'service', last.args ->> 'service')
        from jobs last where last.server_id = ${servers.id} and last.verb = 'restart-service'
        and not exists (select from jobs later where later.server_id = last.server_id
          and later.verb in ('converge', 'restart-service') and later.sequence > last.sequence))`,
      // The documents are long, so only a host that needs a relay has its own opened.
      hasRelayForAll: sql<boolean>`case when (${servers.facts} ->> 'canReachPort25')::boolean is false then exists (
          select from ${targetStates}, jsonb_array_elements(${targetStates.document}::jsonb -> 'relays') relay
          where ${targetStates.serverId} = ${servers.id} and ${targetStates.revision} = ${servers.targetRevision}
          and relay ->> 'sendersOf' = '*' and (relay #>> '{smarthost,port}')::integer <> 25) else false end`,
    })
    .from(servers)
    .innerJoin(tenants, eq(tenants.id, servers.tenantId))
    .where(where);
  return rows.map(
    ({
      enrolmentState,
      gatewayId,
      installRequestedAt,
      services,
      ipAddresses,
      host,
      isDirectoryBehind,
      lastConverge,
      lastSync,
      lastRestart,
      hasRelayForAll,
      ...row
    }) => {
      const isConnected = gatewayId !== null;
      const stoppedServices = (services ?? [])
        .filter((service) => service.state === "failed" || service.state === "stopped")
        .map((service) => service.unit);
      const judgement = judgeServer({
        enrolmentState,
        isConnected,
        isInstallRequested: installRequestedAt !== null,
        appliedRevision: row.appliedRevision,
        targetRevision: row.targetRevision,
        hasDrift: row.hasDrift,
        stoppedServices,
        isDirectoryBehind,
        lastConverge,
        lastSync,
        lastRestart,
        hasRelayForAll,
        host,
      });
      return {
        ...row,
        ...judgement,
        isConnected,
        ipAddresses: ipAddresses ?? [],
        isRebootRequired: host?.isRebootRequired ?? false,
        stoppedServices,
      };
    },
  );
}

/** Every state that a server is in: the one it is shown under, and what else needs somebody. */
export function statesOf({ status, concerns }: ServerRow): ServerStatus[] {
  return [...new Set([status, ...concerns.map(({ code }) => code)])];
}

function lastJob(verb: "converge" | "sync-directory") {
  return sql<LastJob | null>`(select jsonb_build_object('id', last.id, 'state', last.state) from jobs last
    where last.server_id = ${servers.id} and last.verb = ${verb} order by last.sequence desc limit 1)`;
}
