import type { JobState } from "@mailstead/core/jobs";
import {
  levelOfStatus,
  type ServerLevel,
  type ServerStatus,
  type ServiceState,
  serverStatus,
} from "@mailstead/core/servers";
import { domainServers, servers, type Transaction, tenants } from "@mailstead/db";
import { eq, type SQL, sql } from "drizzle-orm";

/** What a list shows of a server; small, because a list holds many. */
export interface ServerRow {
  id: string;
  name: string;
  hostname: string;
  tenantId: string;
  tenantName: string;
  status: ServerStatus;
  level: ServerLevel;
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

/** Reads the servers that the context sees, without facts and reports in full, and decides the status of each. */
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
      isRebootRequired: sql<boolean | null>`(${servers.facts} ->> 'isRebootRequired')::boolean`,
      services: sql<ServiceState[] | null>`${servers.facts} -> 'services'`,
      domainCount: sql<number>`(select count(*)::integer from ${domainServers} where ${domainServers.serverId} = ${servers.id})`,
      lastChange: sql<JobState | null>`(select state from jobs where jobs.server_id = ${servers.id}
        and jobs.lane = 'change' order by jobs.sequence desc limit 1)`,
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
      lastChange,
      ipAddresses,
      isRebootRequired,
      ...row
    }) => {
      const stoppedServices = (services ?? [])
        .filter((service) => service.state === "failed" || service.state === "stopped")
        .map((service) => service.unit);
      const status = serverStatus({
        enrolmentState,
        isConnected: gatewayId !== null,
        isInstallRequested: installRequestedAt !== null,
        appliedRevision: row.appliedRevision,
        hasDrift: row.hasDrift,
        stoppedServices: stoppedServices.length,
        lastChange,
      });
      return {
        ...row,
        status,
        level: levelOfStatus[status],
        isConnected: gatewayId !== null,
        ipAddresses: ipAddresses ?? [],
        isRebootRequired: isRebootRequired ?? false,
        stoppedServices,
      };
    },
  );
}
