import type { StackSettings } from "@mailstead/core/servers";
import { isOfFamilies, isPublicAddress } from "@mailstead/core/servers";
import {
  servers,
  type Transaction,
  targetStates,
  type ZoneRole,
  zoneRecords,
  zoneServers,
  zones,
} from "@mailstead/db";
import { and, asc, eq, sql } from "drizzle-orm";
import { ServiceError } from "../context/index.ts";

export type ZoneRow = typeof zones.$inferSelect;
export type ZoneRecordRow = typeof zoneRecords.$inferSelect;

/** A zone; throws `not-found` when the context does not see it. */
export async function findZone(tx: Transaction, zoneId: string): Promise<ZoneRow> {
  const [zone] = await tx.select().from(zones).where(eq(zones.id, zoneId));
  if (zone === undefined) throw new ServiceError("not-found", "There is no such zone.");
  return zone;
}

/** The same, locked until the transaction ends, so that two changes of one zone come one after the other. */
export async function getZoneForChange(tx: Transaction, zoneId: string): Promise<ZoneRow> {
  const [zone] = await tx.select().from(zones).where(eq(zones.id, zoneId)).for("update");
  if (zone === undefined) throw new ServiceError("not-found", "There is no such zone.");
  return zone;
}

export interface ZoneServerRow {
  serverId: string;
  role: ZoneRole;
  /** Under which name the zone knows the server. */
  nameServer: string;
  serverName: string;
  /** Public addresses of the families that the server uses. */
  addresses: string[];
}

/** The two servers of a zone, the primary first. */
export async function readZoneServers(tx: Transaction, zoneId: string): Promise<ZoneServerRow[]> {
  const rows = await tx
    .select({
      serverId: zoneServers.serverId,
      role: zoneServers.role,
      nameServer: zoneServers.nameServer,
      serverName: servers.name,
      ...addressColumns,
    })
    .from(zoneServers)
    .innerJoin(servers, eq(servers.id, zoneServers.serverId))
    .innerJoin(targetStates, isCurrent)
    .where(eq(zoneServers.zoneId, zoneId))
    .orderBy(asc(zoneServers.role));
  return rows.map(({ ipAddresses, ipFamilies, ...row }) => ({
    ...row,
    addresses: servedAddresses({ ipAddresses, ipFamilies }),
  }));
}

/** Where the world can ask a server. */
export async function readServedAddresses(tx: Transaction, serverId: string): Promise<string[]> {
  const [row] = await tx
    .select(addressColumns)
    .from(servers)
    .innerJoin(targetStates, isCurrent)
    .where(eq(servers.id, serverId));
  return row === undefined ? [] : servedAddresses(row);
}

const isCurrent = and(
  eq(targetStates.serverId, servers.id),
  eq(targetStates.revision, servers.targetRevision),
);

const addressColumns = {
  ipAddresses: sql<string[] | null>`${servers.facts} -> 'ipAddresses'`,
  ipFamilies: sql<StackSettings["ipFamilies"]>`${targetStates.document}::jsonb #>> '{stack,ipFamilies}'`,
};

function servedAddresses(row: {
  ipAddresses: string[] | null;
  ipFamilies: StackSettings["ipFamilies"];
}): string[] {
  return (row.ipAddresses ?? []).filter(isPublicAddress).filter(isOfFamilies(row.ipFamilies)).sort();
}

export function readZoneRecords(tx: Transaction, zoneId: string): Promise<ZoneRecordRow[]> {
  return tx
    .select()
    .from(zoneRecords)
    .where(eq(zoneRecords.zoneId, zoneId))
    .orderBy(asc(zoneRecords.name), asc(zoneRecords.type), asc(zoneRecords.value));
}
