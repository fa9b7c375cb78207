import {
  canonicalName,
  canonicalValue,
  planChanges,
  type RecordConflict,
  type RecordSet,
  type RecordValue,
  type SetChange,
  valueKey,
} from "@mailstead/core/publishing";
import { dnsPublishedRecords } from "@mailstead/db";
import { and, eq, inArray } from "drizzle-orm";
import { withSystemTransaction } from "../context/index.ts";
import { DnsProviderError } from "../dns/index.ts";
import { findZones, openConnection, type ReachableZone } from "./find-zones.ts";
import type { PublishingScope, PublishingWorker } from "./publishing-worker.ts";

/** What is wanted of the zones that a domain's records lie in. */
export interface ZoneWishes {
  wanted: readonly RecordValue[];
  withdrawn: readonly RecordValue[];
}

/** What stands under the names of the wishes. */
export interface ZonesReading {
  zones: readonly (ReachableZone & {
    names: readonly string[];
    standing: readonly RecordSet[];
    canHold: (value: RecordValue) => boolean;
  })[];
  /** What we wrote under these names for domains of the same customer. */
  owned: readonly RecordValue[];
  /** What we wrote there for another customer's domains, through a connection of the organisation. */
  neighbours: readonly RecordValue[];
}

export interface PlannedZone extends ReachableZone {
  changes: readonly SetChange[];
}

export interface ZonesPlan {
  zones: PlannedZone[];
  conflicts: RecordConflict[];
  inPlace: number;
  /** Wanted values in zones that no connection reaches. */
  byHand: RecordValue[];
}

export type ZonesRead =
  | { kind: "read"; reading: ZonesReading }
  | { kind: "no-connection" }
  | { kind: "failed"; error: DnsProviderError };

/** Reads the zones that the wishes concern. Throws for no provider. */
export async function readZones(
  worker: PublishingWorker,
  scope: PublishingScope,
  { wanted, withdrawn }: ZoneWishes,
): Promise<ZonesRead> {
  const names = [...wanted, ...withdrawn].map(({ name }) => name);
  const search = await findZones(worker, scope, names);
  if (search.kind === "no-connection") return search;
  // A zone that is missing because its provider did not answer is not for a person to do by hand.
  const needed = wanted.length > 0 ? wanted : withdrawn;
  const isAnyMissing = needed.some(({ name }) => !search.zones.has(name));
  if (isAnyMissing && search.problem?.kind === "temporary") return { kind: "failed", error: search.problem };
  const known = await readKnown(worker, scope, [...search.zones.keys()]);
  try {
    const zones: ZonesReading["zones"][number][] = [];
    for (const { at, names: here } of groupByZone(search.zones)) {
      const provider = await openConnection(worker, at.connectionId);
      zones.push({
        ...at,
        names: here,
        standing: await provider.readSets(at.zone, here),
        canHold: (value) => provider.canHold?.(value) ?? true,
      });
    }
    return { kind: "read", reading: { zones, ...known } };
  } catch (error) {
    if (!(error instanceof DnsProviderError)) throw error;
    return { kind: "failed", error };
  }
}

/**
 * Plans how what was read becomes what is wanted; `allowed` are values of others that a person said may go. What another
 * customer's domain needs goes with that alone, whoever says so.
 */
export function planReading(
  { zones, owned, neighbours }: ZonesReading,
  { wanted, withdrawn }: ZoneWishes,
  allowed: readonly RecordValue[] = [],
): ZonesPlan {
  const theirs = new Set(neighbours.map(valueKey));
  const isFree = (value: RecordValue) => !theirs.has(valueKey(value));
  const plan: ZonesPlan = { zones: [], conflicts: [], inPlace: 0, byHand: [] };
  for (const { names, standing, canHold: _, ...at } of zones) {
    const isHere = ({ name }: RecordValue) => names.includes(name);
    const part = planChanges({
      wanted: wanted.filter(isHere),
      withdrawn: withdrawn.filter(isHere),
      standing,
      owned: owned.filter(isFree),
      allowed: allowed.filter(isFree),
    });
    plan.zones.push({ ...at, changes: part.changes });
    plan.conflicts.push(
      ...part.conflicts.map((conflict) => (isFree(conflict) ? conflict : neighboursConflict(conflict))),
    );
    plan.inPlace += part.inPlace;
  }
  const reached = new Set(zones.flatMap(({ names }) => names));
  plan.byHand = wanted.filter(({ name }) => !reached.has(name));
  return plan;
}

/**
 * The wishes without what the zone's provider can never hold: one record that it refuses would keep all others of the
 * domain from standing.
 */
export function holdable({ zones }: ZonesReading, { wanted, withdrawn }: ZoneWishes): ZoneWishes {
  const canStand = (value: RecordValue) =>
    zones.every(({ names, canHold }) => !names.includes(value.name) || canHold(value));
  return { wanted: wanted.filter(canStand), withdrawn };
}

/** A record as values are compared. */
export function recordValue({ name, type, value }: RecordValue): RecordValue {
  return { name: canonicalName(name), type, value: canonicalValue(type, value) };
}

function neighboursConflict(conflict: RecordConflict): RecordConflict {
  const sentence = `${conflict.sentence} It was written for another customer's domain, and goes with that alone.`;
  return { ...conflict, sentence, isReserved: true };
}

async function readKnown(
  worker: PublishingWorker,
  { organisationId, tenantId }: PublishingScope,
  names: readonly string[],
): Promise<Pick<ZonesReading, "owned" | "neighbours">> {
  if (names.length === 0) return { owned: [], neighbours: [] };
  const rows = await withSystemTransaction(worker.system, (tx) =>
    tx
      .select({
        tenantId: dnsPublishedRecords.tenantId,
        domainId: dnsPublishedRecords.domainId,
        name: dnsPublishedRecords.name,
        type: dnsPublishedRecords.type,
        value: dnsPublishedRecords.value,
      })
      .from(dnsPublishedRecords)
      .where(
        and(
          eq(dnsPublishedRecords.organisationId, organisationId),
          inArray(dnsPublishedRecords.name, [...names]),
        ),
      ),
  );
  return {
    owned: rows.filter((row) => row.tenantId === tenantId),
    // What a removed domain of theirs left standing is like anybody's.
    neighbours: rows.filter((row) => row.tenantId !== tenantId && row.domainId !== null),
  };
}

function groupByZone(zones: ReadonlyMap<string, ReachableZone>): { at: ReachableZone; names: string[] }[] {
  const groups = Map.groupBy(zones, ([, { connectionId, zone }]) => `${connectionId} ${zone.id}`);
  return [...groups.values()].flatMap((entries) => {
    const at = entries[0]?.[1];
    return at === undefined ? [] : [{ at, names: entries.map(([name]) => name) }];
  });
}
