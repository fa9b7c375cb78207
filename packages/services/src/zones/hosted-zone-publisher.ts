import type { PlannedRecord } from "@mailstead/core/dns";
import { whyKeyStays } from "@mailstead/core/publishing";
import {
  isInZone,
  planPublishing,
  recordInWords,
  type ZoneRecord,
  zoneRecordSchema,
} from "@mailstead/core/zones";
import { type Transaction, zoneRecords, zones } from "@mailstead/db";
import { inArray } from "drizzle-orm";
import { recordAudit } from "../audit/index.ts";
import { type ServiceContext, ServiceError, withTransaction } from "../context/index.ts";
import type { PublishOutcome, PublishRequest, RecordPublisher } from "../dns/index.ts";
import { findDomain } from "../mailboxes/index.ts";
import { plannedTtlSeconds } from "./planned-ttl.ts";
import { insertPlanned } from "./renew-zone.ts";
import { writeZone } from "./write-zone.ts";
import { getZoneForChange, readZoneRecords, type ZoneRecordRow, type ZoneRow } from "./zone-rows.ts";

/** The context of a request but for its organisation, which each request to publish brings. */
export type PublisherContext = Omit<ServiceContext, "organisationId" | "tenantId">;

/**
 * Publishes what lies in zones that are hosted here, by writing rows and new revisions of target states; the rest goes
 * to `elsewhere`. A record of the people's own that stands in the way is left alone, and refuses the request.
 */
export function createHostedZonePublisher(
  ctx: PublisherContext,
  elsewhere: RecordPublisher,
): RecordPublisher {
  return {
    async publish(request) {
      try {
        const { changes, rest } = await publishHere(
          { ...ctx, organisationId: request.organisationId, tenantId: null },
          request,
        );
        if (changes !== null && rest.put.length === 0 && rest.withdraw.length === 0)
          return { kind: "published", changes };
        const outcome = await elsewhere.publish(rest);
        return outcome.kind === "published"
          ? { kind: "published", changes: outcome.changes + (changes ?? 0) }
          : outcome;
      } catch (error) {
        if (error instanceof ServiceError)
          return { kind: "refused", sentence: error.message } satisfies PublishOutcome;
        throw error;
      }
    },
  };
}

/** Null changes when no record of the request lies in a hosted zone. */
async function publishHere(
  ctx: ServiceContext,
  request: PublishRequest,
): Promise<{ changes: number | null; rest: PublishRequest }> {
  return withTransaction(ctx, async (tx) => {
    const domain = await findDomain(tx, request.domainId);
    const hosted = await tx.select({ id: zones.id, name: zones.name, tenantId: zones.tenantId }).from(zones);
    // Delegated names lie in a zone of the organisation's, whoever's domain they are for.
    const zoneOf = ({ name, publishedAt }: PlannedRecord) =>
      hosted
        .filter((zone) => zone.tenantId === domain.tenantId || publishedAt === "delegated-dns")
        .filter((zone) => isInZone(name, zone.name))
        .sort((left, right) => right.name.length - left.name.length)[0]?.id;
    const isElsewhere = (record: PlannedRecord) => zoneOf(record) === undefined;
    const touched = [...new Set([...request.put, ...request.withdraw].map(zoneOf))].filter(
      (id) => id !== undefined,
    );
    let changes: number | null = null;
    for (const zoneId of touched.sort()) {
      const isHere = (record: PlannedRecord) => zoneOf(record) === zoneId;
      const zone = await getZoneForChange(tx, zoneId);
      changes =
        (changes ?? 0) +
        (await publishInto(tx, ctx, {
          zone,
          request: { ...request, put: request.put.filter(isHere), withdraw: request.withdraw.filter(isHere) },
        }));
    }
    const rest = {
      ...request,
      put: request.put.filter(isElsewhere),
      withdraw: request.withdraw.filter(isElsewhere),
    };
    return { changes, rest };
  });
}

async function publishInto(
  tx: Transaction,
  ctx: ServiceContext,
  { zone, request }: { zone: ZoneRow; request: PublishRequest },
): Promise<number> {
  const standing = await readZoneRecords(tx, zone.id);
  const plan = planPublishing({
    domainId: request.domainId,
    standing,
    put: request.put.map((record) => ({ ...asZoneRecord(record), purpose: record.purpose })),
    withdraw: [...request.withdraw, ...formerKeys(standing, request)],
  });
  const [conflict] = plan.conflicts;
  if (conflict !== undefined)
    throw new ServiceError(
      "conflict",
      whyKeyStays(conflict.standing, conflict.wanted) ??
        `${recordInWords(conflict.standing)} was written by you and stands in the way of ${recordInWords(conflict.wanted)}; change or remove it in the zone ${zone.name}.`,
    );
  if (plan.removeIds.length > 0) await tx.delete(zoneRecords).where(inArray(zoneRecords.id, plan.removeIds));
  await insertPlanned(tx, ctx, { zone, domainId: request.domainId, isFromPlan: false, records: plan.add });
  const changes = plan.add.length + plan.removeIds.length;
  if (changes === 0) return 0;
  await writeZone(tx, ctx, { zone, summary: `${zone.name}: ${request.reason}` });
  await recordAudit(tx, ctx, {
    organisationId: zone.organisationId,
    tenantId: zone.tenantId,
    action: "publish-records",
    subject: { kind: "zone", id: zone.id, name: zone.name },
    before: request.withdraw.map(({ name, type, value }) => ({ name, type, value })),
    after: {
      reason: request.reason,
      added: plan.add.map(({ name, type, value }) => ({ name, type, value })),
    },
  });
  return changes;
}

/** Two keys never stand under one name (RFC 6376 §3.6.2.2). */
function formerKeys(standing: readonly ZoneRecordRow[], { put, domainId }: PublishRequest): ZoneRecordRow[] {
  const names = new Set(put.filter(({ purpose }) => purpose === "dkim").map(({ name }) => name));
  return standing.filter((row) => row.domainId === domainId && row.purpose === "dkim" && names.has(row.name));
}

function asZoneRecord(record: PlannedRecord): ZoneRecord {
  const { name, type, value, purpose } = record;
  const parsed = zoneRecordSchema.safeParse({ name, type, value, ttlSeconds: plannedTtlSeconds(purpose) });
  if (parsed.success) return parsed.data;
  throw new ServiceError(
    "invalid",
    `${name} ${type} cannot be published: ${parsed.error.issues[0]?.message}.`,
  );
}
