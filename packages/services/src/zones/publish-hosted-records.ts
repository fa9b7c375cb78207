import type { RecordConflict, RecordSet, RecordValue, SetChange } from "@mailstead/core/publishing";
import { isInZone, recordInWords, type ZoneRecord } from "@mailstead/core/zones";
import { type Transaction, zoneRecords, zones } from "@mailstead/db";
import { eq, inArray } from "drizzle-orm";
import { recordAudit } from "../audit/index.ts";
import type { ServiceContext } from "../context/index.ts";
import { planDomainIn, readZonesBelow, renewZone } from "./renew-zone.ts";
import { getZoneForChange, readZoneRecords, type ZoneRow } from "./zone-rows.ts";

interface HostedDomain {
  id: string;
  name: string;
  tenantId: string;
}

/** The part of a publication that lies in zones which servers of ours answer for. */
export interface HostedPlan {
  zones: { name: string; changes: SetChange[] }[];
  conflicts: RecordConflict[];
  inPlace: number;
  /** What stands under the names of the plan. */
  standing: RecordSet[];
}

/** Plans what a domain's records change in the zones that are hosted here; the worker brings them in step by itself. */
export async function planHostedRecords(tx: Transaction, domain: HostedDomain): Promise<HostedPlan> {
  const whole: HostedPlan = { zones: [], conflicts: [], inPlace: 0, standing: [] };
  for (const zone of await readHostedZones(tx, domain.tenantId)) {
    const deeper = await readZonesBelow(tx, zone);
    const { plan, rows, planned } = await planDomainIn(tx, { zone, domain, deeper });
    const names = new Set(planned.map(({ record }) => record.name));
    const removed = rows.filter(({ id }) => plan.removeIds.includes(id));
    whole.standing.push(...setsOf(rows.filter(({ name }) => names.has(name))));
    whole.conflicts.push(...plan.conflicts.map(({ wanted, standing }) => conflictOf(wanted, standing)));
    whole.inPlace += planned.length - plan.add.length - plan.conflicts.length;
    const changes = changesOf({ rows, added: plan.add, removed });
    if (changes.length > 0) whole.zones.push({ name: zone.name, changes });
  }
  return { ...whole, conflicts: joined(whole.conflicts) };
}

/**
 * Takes the records of the people's own that they said may go, each by itself, and brings the domain's zones in step.
 * Gives how many records went.
 */
export async function publishHostedRecords(
  tx: Transaction,
  ctx: ServiceContext,
  { domain, allowed }: { domain: HostedDomain; allowed: readonly RecordValue[] },
): Promise<number> {
  const keys = new Set(allowed.map(keyOf));
  let count = 0;
  for (const { id } of await readHostedZones(tx, domain.tenantId)) {
    const zone = await getZoneForChange(tx, id);
    const own = (await readZoneRecords(tx, id)).filter((row) => row.purpose === null && keys.has(keyOf(row)));
    if (own.length > 0)
      await tx.delete(zoneRecords).where(
        inArray(
          zoneRecords.id,
          own.map((row) => row.id),
        ),
      );
    const { isChanged } = await renewZone(tx, ctx, { zone, summary: `${zone.name}: records published` });
    if (!isChanged) continue;
    count += own.length;
    await recordAudit(tx, ctx, {
      organisationId: zone.organisationId,
      tenantId: zone.tenantId,
      action: "publish-records",
      subject: { kind: "zone", id, name: zone.name },
      before: { records: own.map(({ name, type, value }) => `${name} ${type} ${value}`) },
      after: { reason: "publication", domain: domain.name },
    });
  }
  return count;
}

/**
 * Whether a name of a domain's lies in a zone that is hosted here: in one of its customer's, or in any of the
 * organisation's when it is a delegated DKIM name, which that zone brings in step by itself.
 */
export async function hostedZoneFinder(
  tx: Transaction,
  { tenantId, dkimDelegatedTo }: { tenantId: string; dkimDelegatedTo: string | null },
): Promise<(name: string) => boolean> {
  const hosted = await tx.select({ name: zones.name, tenantId: zones.tenantId }).from(zones);
  return (name) => {
    const isDelegated = dkimDelegatedTo !== null && isInZone(name, dkimDelegatedTo);
    return hosted.some((zone) => isInZone(name, zone.name) && (isDelegated || zone.tenantId === tenantId));
  };
}

function readHostedZones(tx: Transaction, tenantId: string): Promise<ZoneRow[]> {
  return tx.select().from(zones).where(eq(zones.tenantId, tenantId)).orderBy(zones.id);
}

function conflictOf(wanted: ZoneRecord, standing: RecordValue): RecordConflict {
  const { name, type, value } = standing;
  const sentence = `${recordInWords({ name, type, value } as ZoneRecord)} was written by you and stands in the way of ${recordInWords(wanted)}.`;
  return {
    name,
    type,
    value,
    blocked: [{ name: wanted.name, type: wanted.type, value: wanted.value }],
    sentence,
  };
}

function joined(conflicts: readonly RecordConflict[]): RecordConflict[] {
  return [...Map.groupBy(conflicts, keyOf).values()].flatMap((same) => {
    const [first] = same;
    return first === undefined ? [] : [{ ...first, blocked: same.flatMap(({ blocked }) => blocked) }];
  });
}

function changesOf({
  rows,
  added,
  removed,
}: Record<"rows" | "added" | "removed", readonly ZoneRecord[]>): SetChange[] {
  const touched = [...added, ...removed];
  return [...Map.groupBy(touched, ({ name, type }) => `${name} ${type}`).values()].flatMap((set) => {
    const [first] = set;
    if (first === undefined) return [];
    const { name, type, ttlSeconds } = first;
    const ofSet = (list: readonly ZoneRecord[]) => [
      ...new Set(list.filter((one) => one.name === name && one.type === type).map(({ value }) => value)),
    ];
    const before = ofSet(rows);
    const gone = ofSet(removed);
    const come = ofSet(added);
    const after = [...before.filter((value) => !gone.includes(value)), ...come];
    return [{ name, type, ttlSeconds, before, after, added: come, removed: gone, replaced: [] }];
  });
}

function setsOf(rows: readonly ZoneRecord[]): RecordSet[] {
  return [...Map.groupBy(rows, ({ name, type }) => `${name} ${type}`).values()].flatMap((set) => {
    const [first] = set;
    if (first === undefined) return [];
    const { name, type, ttlSeconds } = first;
    return [{ name, type, ttlSeconds, values: [...new Set(set.map(({ value }) => value))].sort() }];
  });
}

function keyOf({ name, type, value }: RecordValue): string {
  return JSON.stringify([name, type, value]);
}
