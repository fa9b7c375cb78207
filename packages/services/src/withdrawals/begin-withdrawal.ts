import { defaultRotationTiming } from "@mailstead/core/dkim";
import {
  dnsConnections,
  dnsPublishedRecords,
  dnsWithdrawals,
  domains,
  newId,
  outbox,
  type Transaction,
  zoneRecords,
} from "@mailstead/db";
import { and, eq, inArray, isNull } from "drizzle-orm";
import { acrossCustomers, type ServiceContext } from "../context/index.ts";
import { readDomainValues } from "./own-values.ts";

interface DomainThatGoes {
  id: string;
  name: string;
  organisationId: string;
  tenantId: string;
}

/**
 * Keeps what we wrote for a domain as ours although the domain goes, and has it taken away when that is wanted. In zones
 * that are hosted here its records go by themselves, its DKIM keys with the time that mail on its way needs. Call it
 * before the domain's row is deleted, in the same transaction. Gives how many values will go.
 */
export async function beginDomainWithdrawal(
  tx: Transaction,
  ctx: ServiceContext,
  { domain, isWanted }: { domain: DomainThatGoes; isWanted: boolean },
): Promise<number> {
  const { going, keys } = await readDomainValues(tx, domain);
  const now = ctx.now();
  // A signature is checked when the mail arrives, and a queue may hold it for days.
  const keysDueAt = new Date(now.getTime() + defaultRotationTiming.queueLifeMs);
  // Behind delegated names they stand in a zone that may be another customer's, and would go with the domain's row.
  await acrossCustomers(tx, ctx, () =>
    tx
      .update(zoneRecords)
      .set({ domainId: null, leavesAt: keysDueAt })
      .where(and(eq(zoneRecords.domainId, domain.id), eq(zoneRecords.purpose, "dkim"))),
  );
  if (isWanted) {
    await insertWithdrawal(tx, ctx, { domain, values: going, dueAt: now });
    await insertWithdrawal(tx, ctx, { domain, values: keys, dueAt: keysDueAt });
  }
  await tx
    .update(dnsPublishedRecords)
    .set({ domainId: null })
    .where(eq(dnsPublishedRecords.domainId, domain.id));
  return isWanted ? going.length + keys.length : 0;
}

/** What we wrote into the zones of a connection, by the domain that it is for. */
export async function readConnectionValues(
  tx: Transaction,
  connectionId: string,
): Promise<
  { domain: DomainThatGoes; values: { id: string; name: string; type: string; value: string }[] }[]
> {
  const [connection] = await tx
    .select({ tenantId: dnsConnections.tenantId, zones: dnsConnections.zones })
    .from(dnsConnections)
    .where(eq(dnsConnections.id, connectionId));
  const zones = connection?.zones.map(({ name }) => name) ?? [];
  if (connection === undefined || zones.length === 0) return [];
  const rows = await tx
    .select({
      id: dnsPublishedRecords.id,
      name: dnsPublishedRecords.name,
      type: dnsPublishedRecords.type,
      value: dnsPublishedRecords.value,
      domain: {
        id: domains.id,
        name: domains.name,
        organisationId: domains.organisationId,
        tenantId: domains.tenantId,
      },
    })
    .from(dnsPublishedRecords)
    .innerJoin(domains, eq(domains.id, dnsPublishedRecords.domainId))
    .where(
      and(
        inArray(dnsPublishedRecords.zone, zones),
        isNull(dnsPublishedRecords.withdrawalId),
        connection.tenantId === null ? undefined : eq(dnsPublishedRecords.tenantId, connection.tenantId),
      ),
    )
    .orderBy(dnsPublishedRecords.name, dnsPublishedRecords.type, dnsPublishedRecords.value);
  return [...Map.groupBy(rows, ({ domain }) => domain.id).values()].flatMap((ofDomain) => {
    const domain = ofDomain[0]?.domain;
    return domain === undefined ? [] : [{ domain, values: ofDomain.map(({ domain: _, ...value }) => value) }];
  });
}

/** Has everything taken away that we wrote into the zones of a connection. Gives how many values will go. */
export async function beginConnectionWithdrawal(
  tx: Transaction,
  ctx: ServiceContext,
  { connectionId }: { connectionId: string },
): Promise<number> {
  let count = 0;
  for (const { domain, values } of await readConnectionValues(tx, connectionId)) {
    await insertWithdrawal(tx, ctx, { domain, values, dueAt: ctx.now(), connectionId });
    count += values.length;
  }
  return count;
}

async function insertWithdrawal(
  tx: Transaction,
  ctx: ServiceContext,
  wanted: {
    domain: DomainThatGoes;
    values: readonly { id: string }[];
    dueAt: Date;
    connectionId?: string;
  },
): Promise<void> {
  const { domain, values, dueAt, connectionId } = wanted;
  if (values.length === 0) return;
  const now = ctx.now();
  const id = newId(now);
  const { organisationId, tenantId } = domain;
  await tx.insert(dnsWithdrawals).values({
    id,
    organisationId,
    tenantId,
    domainId: domain.id,
    domainName: domain.name,
    connectionId: connectionId ?? null,
    nextAttemptAt: dueAt,
    requestedBy: ctx.actor.name,
    requestedById: ctx.actor.kind === "user" ? ctx.actor.userId : null,
    createdAt: now,
  });
  await tx
    .update(dnsPublishedRecords)
    .set({ withdrawalId: id })
    .where(
      inArray(
        dnsPublishedRecords.id,
        values.map((value) => value.id),
      ),
    );
  await tx.insert(outbox).values({ organisationId, tenantId, kind: "dns", subjectId: id, createdAt: now });
}
