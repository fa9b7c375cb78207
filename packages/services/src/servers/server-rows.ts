import {
  judgeServer,
  type LastJob,
  type ServerJudgement,
  type ServerSigns,
  type ServerStatus,
  stoppedServicesOf,
} from "@mailstead/core/servers";
import { domainServers, servers, type Transaction, tenants } from "@mailstead/db";
import { eq, type SQL, sql } from "drizzle-orm";
import { tagsOf } from "../tags/index.ts";
import { hasRelayForAll, toldHost } from "./told-host.ts";

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
  tags: string[];
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
      host: toldHost,
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
      hasRelayForAll,
      tags: tagsOf,
    })
    .from(servers)
    .innerJoin(tenants, eq(tenants.id, servers.tenantId))
    .where(where);
  return rows.map(
    ({
      enrolmentState,
      gatewayId,
      installRequestedAt,
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
      const judgement = judgeServer({
        enrolmentState,
        isConnected,
        isInstallRequested: installRequestedAt !== null,
        appliedRevision: row.appliedRevision,
        targetRevision: row.targetRevision,
        hasDrift: row.hasDrift,
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
        stoppedServices: host === null ? [] : stoppedServicesOf(host).map(({ unit }) => unit),
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
