import type { RecordValue } from "@mailstead/core/publishing";
import {
  dnsConnections,
  dnsPublishedRecords,
  dnsWithdrawals,
  domains,
  type Transaction,
} from "@mailstead/db";
import { and, eq, inArray, isNotNull, isNull, ne, or } from "drizzle-orm";
import { type DomainOfRecords, keysStayMs } from "./begin-withdrawal.ts";
import { isKeyRecord } from "./own-values.ts";

export interface ValuesOfDomain {
  domain: DomainOfRecords;
  values: ({ id: string } & RecordValue)[];
  /** When nothing needs them any more. */
  dueAt: Date;
}

/** What becomes of the values that stand in the zones of a connection, when it is removed and they are to go. */
export interface ConnectionValues {
  /** Of living domains and of removed ones that left them standing. */
  going: ValuesOfDomain[];
  /** DKIM keys of removed domains, for which mail may still be on its way. */
  later: ValuesOfDomain[];
  /** DKIM keys of living domains: mail is signed with them, and only a rotation knows when that is over. */
  keys: RecordValue[];
}

/** Sorts what we wrote into the zones of a connection by what becomes of it. */
export async function readConnectionValues(
  tx: Transaction,
  { connectionId, now }: { connectionId: string; now: Date },
): Promise<ConnectionValues> {
  const sorted: ConnectionValues = { going: [], later: [], keys: [] };
  const connection = await readZonesOf(tx, connectionId);
  if (connection.zones.length === 0) return sorted;
  const rows = await tx
    .select({
      id: dnsPublishedRecords.id,
      name: dnsPublishedRecords.name,
      type: dnsPublishedRecords.type,
      value: dnsPublishedRecords.value,
      organisationId: dnsPublishedRecords.organisationId,
      tenantId: dnsPublishedRecords.tenantId,
      domainId: dnsPublishedRecords.domainId,
      domainName: domains.name,
      formerDomainId: dnsPublishedRecords.formerDomainId,
      formerDomainName: dnsPublishedRecords.formerDomainName,
      leftAt: dnsPublishedRecords.leftAt,
    })
    .from(dnsPublishedRecords)
    .leftJoin(domains, eq(domains.id, dnsPublishedRecords.domainId))
    .where(
      and(
        inArray(dnsPublishedRecords.zone, connection.zones),
        isNull(dnsPublishedRecords.withdrawalId),
        connection.tenantId === null ? undefined : eq(dnsPublishedRecords.tenantId, connection.tenantId),
      ),
    )
    .orderBy(dnsPublishedRecords.name, dnsPublishedRecords.type, dnsPublishedRecords.value);
  for (const ofDomain of Map.groupBy(rows, (row) => row.domainId ?? row.formerDomainId).values()) {
    const [first] = ofDomain;
    if (first === undefined) continue;
    const { organisationId, tenantId } = first;
    const id = first.domainId ?? first.formerDomainId ?? first.id;
    const name = first.domainName ?? first.formerDomainName ?? first.name;
    const domain = { id, name, organisationId, tenantId };
    const keys = ofDomain.filter(isKeyRecord).map(shown);
    const going = ofDomain.filter((row) => !isKeyRecord(row)).map(shown);
    if (going.length > 0) sorted.going.push({ domain, values: going, dueAt: now });
    if (first.domainId !== null) sorted.keys.push(...keys);
    else if (keys.length > 0)
      sorted.later.push({
        domain,
        values: keys,
        dueAt: new Date((first.leftAt ?? now).getTime() + keysStayMs),
      });
  }
  return sorted;
}

const shown = ({ id, name, type, value }: { id: string } & RecordValue) => ({ id, name, type, value });

/** The values that wait to be taken away and that no other connection reaches: removed domains' keys above all. */
export async function readWaitingFor(
  tx: Transaction,
  connectionId: string,
): Promise<({ id: string; withdrawalId: string } & RecordValue)[]> {
  const connection = await readZonesOf(tx, connectionId);
  if (connection.zones.length === 0) return [];
  const rows = await tx
    .select({
      id: dnsPublishedRecords.id,
      withdrawalId: dnsWithdrawals.id,
      connectionId: dnsWithdrawals.connectionId,
      tenantId: dnsPublishedRecords.tenantId,
      zone: dnsPublishedRecords.zone,
      name: dnsPublishedRecords.name,
      type: dnsPublishedRecords.type,
      value: dnsPublishedRecords.value,
    })
    .from(dnsPublishedRecords)
    .innerJoin(dnsWithdrawals, eq(dnsWithdrawals.id, dnsPublishedRecords.withdrawalId))
    .where(
      and(
        inArray(dnsPublishedRecords.zone, connection.zones),
        isNotNull(dnsPublishedRecords.withdrawalId),
        or(isNull(dnsWithdrawals.connectionId), eq(dnsWithdrawals.connectionId, connectionId)),
        connection.tenantId === null ? undefined : eq(dnsPublishedRecords.tenantId, connection.tenantId),
      ),
    );
  const others = await tx
    .select({ tenantId: dnsConnections.tenantId, zones: dnsConnections.zones })
    .from(dnsConnections)
    .where(and(ne(dnsConnections.id, connectionId), isNull(dnsConnections.leavingSince)));
  const isReachedElsewhere = (row: { tenantId: string; zone: string }) =>
    others.some(
      ({ tenantId, zones }) =>
        (tenantId === null || tenantId === row.tenantId) && zones.some(({ name }) => name === row.zone),
    );
  return rows
    .filter((row) => row.connectionId !== null || !isReachedElsewhere(row))
    .map(({ id, withdrawalId, name, type, value }) => ({ id, withdrawalId, name, type, value }));
}

async function readZonesOf(
  tx: Transaction,
  connectionId: string,
): Promise<{ tenantId: string | null; zones: string[] }> {
  const [connection] = await tx
    .select({ tenantId: dnsConnections.tenantId, zones: dnsConnections.zones })
    .from(dnsConnections)
    .where(eq(dnsConnections.id, connectionId));
  return {
    tenantId: connection?.tenantId ?? null,
    zones: connection?.zones.map(({ name }) => name) ?? [],
  };
}
