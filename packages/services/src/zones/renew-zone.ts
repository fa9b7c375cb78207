import type { PlannedRecord } from "@mailstead/core/dns";
import {
  isInZone,
  planPublishing,
  type StandingRecord,
  type ZoneRecord,
  zoneRecordSchema,
} from "@mailstead/core/zones";
import { domainServers, domains, newId, servers, type Transaction, zoneRecords, zones } from "@mailstead/db";
import { and, asc, eq, inArray, lte, or, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import type { ServiceContext } from "../context/index.ts";
import { planDomainRecords } from "../domains/index.ts";
import { plannedTtlSeconds } from "./planned-ttl.ts";
import { writeZone, type ZoneWriting, type ZoneWritten } from "./write-zone.ts";
import { readZoneRecords, type ZoneRow } from "./zone-rows.ts";

/** A planned record that a record of the people's own stands in the way of. */
export interface PlanConflict {
  domainId: string;
  domain: string;
  wanted: ZoneRecord;
  standing: StandingRecord;
}

/**
 * Brings the planned records of every domain in a locked zone in step with their plans, and writes the zone. What
 * people wrote themselves stays, also where a plan wants something else: that is told as a conflict.
 */
export async function renewZone(
  tx: Transaction,
  ctx: ServiceContext,
  input: ZoneWriting,
): Promise<ZoneWritten & { conflicts: PlanConflict[] }> {
  const { zone } = input;
  const now = ctx.now();
  await tx.delete(zoneRecords).where(and(eq(zoneRecords.zoneId, zone.id), lte(zoneRecords.leavesAt, now)));
  const conflicts = await bringPlansInStep(tx, ctx, zone);
  await tx.update(zones).set({ plannedAt: now }).where(eq(zones.id, zone.id));
  return { ...(await writeZone(tx, ctx, input)), conflicts };
}

async function bringPlansInStep(
  tx: Transaction,
  ctx: ServiceContext,
  zone: ZoneRow,
): Promise<PlanConflict[]> {
  const deeper = await readZonesBelow(tx, zone);
  const domainsOf = await readDomainsOf(tx, zone);
  const first = await seeToDomains(tx, ctx, { zone, domainsOf, deeper });
  // What one domain has given up may be what another needs that was seen to before it.
  const last = first.hasRemoved ? await seeToDomains(tx, ctx, { zone, domainsOf, deeper }) : first;
  return last.conflicts;
}

async function seeToDomains(
  tx: Transaction,
  ctx: ServiceContext,
  {
    zone,
    domainsOf,
    deeper,
  }: {
    zone: ZoneRow;
    domainsOf: Awaited<ReturnType<typeof readDomainsOf>>;
    deeper: readonly string[];
  },
): Promise<{ conflicts: PlanConflict[]; hasRemoved: boolean }> {
  const conflicts: PlanConflict[] = [];
  let hasRemoved = false;
  for (const domain of domainsOf) {
    const { plan } = await planDomainIn(tx, { zone, domain, deeper });
    hasRemoved ||= plan.removeIds.length > 0;
    if (plan.removeIds.length > 0)
      await tx.delete(zoneRecords).where(inArray(zoneRecords.id, plan.removeIds));
    await insertPlanned(tx, ctx, { zone, domainId: domain.id, isFromPlan: true, records: plan.add });
    conflicts.push(
      ...plan.conflicts.map(({ wanted, standing }) => ({
        domainId: domain.id,
        domain: domain.name,
        wanted,
        standing,
      })),
    );
  }
  return { conflicts, hasRemoved };
}

/** What would come into a zone, go or be in the way, so that a domain's plan stands in it; nothing is written. */
export async function planDomainIn(
  tx: Transaction,
  input: { zone: ZoneRow; domain: { id: string; name: string; tenantId: string }; deeper: readonly string[] },
) {
  const { zone, domain, deeper } = input;
  const { records, keys } = await planDomainRecords(tx, domain);
  const isOwn = domain.tenantId === zone.tenantId;
  const planned = recordsIn(
    records.filter(({ publishedAt }) => isOwn || publishedAt === "delegated-dns"),
    zone,
    deeper,
  );
  const rows = await readZoneRecords(tx, zone.id);
  const keyNames = new Set(keys.map(({ recordName }) => recordName));
  const plannedKeyNames = new Set(
    planned.filter(({ purpose }) => purpose === "dkim").map(({ record }) => record.name),
  );
  const delegatedNames = new Set(
    records.filter(({ publishedAt }) => publishedAt === "delegated-dns").map(({ name }) => name),
  );
  const hostNames = new Set(
    planned.filter(({ purpose }) => purpose === "host-address").map(({ record }) => record.name),
  );
  const withdraw = rows.filter((row) => {
    if (row.domainId !== domain.id) return false;
    // Behind an alias keys follow each other under one name.
    if (row.purpose === "dkim" && delegatedNames.has(row.name)) return plannedKeyNames.has(row.name);
    if (!row.isFromPlan) return false;
    // A key's record outlives its part in the plan until whoever rotates the keys takes it away, but two keys never
    // stand under one selector.
    if (row.purpose === "dkim") return !keyNames.has(row.name) || plannedKeyNames.has(row.name);
    // A host that has not told its addresses yet still has those that it had.
    return row.purpose !== "host-address" || hostNames.has(row.name);
  });
  const plan = planPublishing({
    domainId: domain.id,
    standing: rows,
    put: planned.map(({ record, purpose }) => ({ ...record, purpose })),
    withdraw,
    // Keys that sign are guarded where records are added.
    yieldingIds: rows
      .filter((row) => row.domainId === domain.id && row.isFromPlan && row.purpose !== "dkim")
      .map(({ id }) => id),
  });
  return { plan, rows, planned };
}

/** Writes rows of planned records. */
export async function insertPlanned(
  tx: Transaction,
  ctx: ServiceContext,
  input: {
    zone: ZoneRow;
    domainId: string;
    isFromPlan: boolean;
    records: readonly (ZoneRecord & { purpose: string })[];
  },
): Promise<void> {
  if (input.records.length === 0) return;
  const { zone, domainId, isFromPlan } = input;
  const createdAt = ctx.now();
  const { organisationId, tenantId, id: zoneId } = zone;
  await tx.insert(zoneRecords).values(
    input.records.map(({ name, type, ttlSeconds, value, purpose }) => ({
      id: newId(createdAt),
      organisationId,
      tenantId,
      zoneId,
      domainId,
      purpose,
      isFromPlan,
      name,
      type,
      ttlSeconds,
      value,
      createdAt,
    })),
  );
}

/** The planned records that are good to publish and lie in a zone and in no zone below it, as zones keep them. */
export function recordsIn(
  planned: readonly PlannedRecord[],
  zone: { name: string },
  deeper: readonly string[],
): { record: ZoneRecord; purpose: string }[] {
  return planned
    .filter(({ publishedAt, caution }) => publishedAt !== "address-provider" && caution === undefined)
    .filter(({ name }) => isInZone(name, zone.name) && !deeper.some((below) => isInZone(name, below)))
    .flatMap(({ name, type, value, purpose }) => {
      const ttlSeconds = plannedTtlSeconds(purpose);
      const parsed = zoneRecordSchema.safeParse({ name, type, ttlSeconds, value });
      return parsed.success ? [{ record: parsed.data, purpose }] : [];
    });
}

/** Hosted zones of the same customer that lie below this one and have their names to themselves. */
export async function readZonesBelow(tx: Transaction, zone: ZoneRow): Promise<string[]> {
  const rows = await tx
    .select({ name: zones.name })
    .from(zones)
    .where(and(eq(zones.tenantId, zone.tenantId), endsWith(zones.name, zone.name)));
  return rows.map(({ name }) => name);
}

/**
 * Domains of the customer's in the zone, those whose servers have their names in it, and whoever's domains have handed
 * DKIM names over to it.
 */
async function readDomainsOf(
  tx: Transaction,
  zone: ZoneRow,
): Promise<{ id: string; name: string; tenantId: string }[]> {
  const named = tx
    .select({ id: domainServers.domainId })
    .from(domainServers)
    .innerJoin(servers, eq(servers.id, domainServers.serverId))
    .where(or(eq(servers.hostname, zone.name), endsWith(servers.hostname, zone.name)));
  return await tx
    .select({ id: domains.id, name: domains.name, tenantId: domains.tenantId })
    .from(domains)
    .where(
      or(
        and(
          eq(domains.tenantId, zone.tenantId),
          or(eq(domains.name, zone.name), endsWith(domains.name, zone.name), inArray(domains.id, named)),
        ),
        endsWith(domains.dkimDelegatedTo, zone.name),
      ),
    )
    .orderBy(asc(domains.name));
}

function endsWith(column: PgColumn, zone: string) {
  return sql`right(${column}, ${zone.length + 1}) = ${`.${zone}`}`;
}
