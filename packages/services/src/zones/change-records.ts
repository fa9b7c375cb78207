import {
  foldTypedRecord,
  recordInWords,
  type ZoneRecord,
  zoneRecordSchema,
  zoneTtl,
} from "@mailstead/core/zones";
import { newId, type Transaction, zoneRecords } from "@mailstead/db";
import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { renewZone } from "./renew-zone.ts";
import type { ZoneWritten } from "./write-zone.ts";
import { getZoneForChange, readZoneRecords, type ZoneRow } from "./zone-rows.ts";

const typedRecord = z.object({
  name: z.string().max(1000),
  type: z.string().max(20),
  ttlSeconds: z.int().default(zoneTtl.usual),
  value: z.string().max(20_000),
});

const addRecordsInput = z.object({
  zoneId: z.uuid(),
  records: z
    .array(typedRecord)
    .min(1, "there is no record to add")
    .max(2000, "at most 2,000 records are taken at once; import the zone in parts"),
});

export interface RecordsAdded extends ZoneWritten {
  added: number;
  /** Records that stood in the zone already. */
  known: number;
}

/**
 * Adds records of the people's own to a zone, all or none. What stands there already is passed over. Throws `invalid`
 * with a sentence about the first one that is no record or has no place in the zone.
 */
export async function addZoneRecords(
  ctx: ServiceContext,
  input: z.input<typeof addRecordsInput>,
): Promise<RecordsAdded> {
  requireRole(ctx, "technician");
  const { zoneId, records } = parseInput(addRecordsInput, input);
  return withTransaction(ctx, async (tx) => {
    const zone = await getZoneForChange(tx, zoneId);
    const wanted = records.map((typed) => parseRecord(typed, zone));
    const standing = new Set((await readZoneRecords(tx, zoneId)).map(keyOf));
    const fresh = [...new Map(wanted.map((record) => [keyOf(record), record])).values()].filter(
      (record) => !standing.has(keyOf(record)),
    );
    for (const record of fresh) await refuseSecondKey(tx, { zone, record });
    if (fresh.length > 0) await insertOwn(tx, ctx, { zone, records: fresh });
    const summary =
      fresh.length === 1 && fresh[0]
        ? `${fresh[0].name} ${fresh[0].type} added`
        : `${fresh.length} records added`;
    const written = await renewZone(tx, ctx, { zone, summary: `${zone.name}: ${summary}` });
    if (fresh.length > 0) await auditRecords(tx, ctx, { zone, action: "add-zone-records", after: fresh });
    return { ...written, added: fresh.length, known: records.length - fresh.length };
  });
}

const changeRecordInput = typedRecord.extend({ zoneId: z.uuid(), recordId: z.uuid() });

/** Puts another record in the place of one of the people's own. Throws `not-found`, and `forbidden` for a planned one. */
export async function changeZoneRecord(
  ctx: ServiceContext,
  input: z.input<typeof changeRecordInput>,
): Promise<ZoneWritten> {
  requireRole(ctx, "technician");
  const { zoneId, recordId, ...typed } = parseInput(changeRecordInput, input);
  return withTransaction(ctx, async (tx) => {
    const zone = await getZoneForChange(tx, zoneId);
    const before = await findOwnRecord(tx, { zone, recordId });
    const record = parseRecord(typed, zone);
    const twin = (await readZoneRecords(tx, zoneId)).find(
      (row) => row.id !== recordId && keyOf(row) === keyOf(record),
    );
    if (twin !== undefined)
      throw new ServiceError("conflict", `${recordInWords(record)} stands in the zone already.`, {
        field: "value",
      });
    await refuseSecondKey(tx, { zone, record });
    await tx.update(zoneRecords).set(record).where(eq(zoneRecords.id, recordId));
    const written = await renewZone(tx, ctx, {
      zone,
      summary: `${zone.name}: ${record.name} ${record.type} changed`,
    });
    await auditRecords(tx, ctx, { zone, action: "change-zone-record", before: [before], after: [record] });
    return written;
  });
}

const removeRecordInput = z.object({ zoneId: z.uuid(), recordId: z.uuid() });

/** Removes a record of the people's own. Throws `not-found`, and `forbidden` for a planned one. */
export async function removeZoneRecord(
  ctx: ServiceContext,
  input: z.input<typeof removeRecordInput>,
): Promise<ZoneWritten> {
  requireRole(ctx, "technician");
  const { zoneId, recordId } = parseInput(removeRecordInput, input);
  return withTransaction(ctx, async (tx) => {
    const zone = await getZoneForChange(tx, zoneId);
    const record = await findOwnRecord(tx, { zone, recordId });
    await tx.delete(zoneRecords).where(eq(zoneRecords.id, recordId));
    const written = await renewZone(tx, ctx, {
      zone,
      summary: `${zone.name}: ${record.name} ${record.type} removed`,
    });
    await auditRecords(tx, ctx, { zone, action: "remove-zone-record", before: [record] });
    return written;
  });
}

/** Two keys under one selector make every signature of a domain's fail (RFC 6376 §3.6.2.2). */
async function refuseSecondKey(
  tx: Transaction,
  { zone, record }: { zone: ZoneRow; record: ZoneRecord },
): Promise<void> {
  const key = (await readZoneRecords(tx, zone.id)).find(
    (row) => row.purpose === "dkim" && row.name === record.name && row.value !== record.value,
  );
  if (key !== undefined)
    throw new ServiceError(
      "conflict",
      `${record.name} is the DKIM key that a domain signs with; another record there would make its signatures fail.`,
      { field: "name" },
    );
}

function parseRecord(typed: z.output<typeof typedRecord>, zone: ZoneRow): ZoneRecord {
  return parseInput(zoneRecordSchema, foldTypedRecord(typed, zone.name));
}

async function findOwnRecord(
  tx: Transaction,
  { zone, recordId }: { zone: ZoneRow; recordId: string },
): Promise<ZoneRecord> {
  const [row] = await tx
    .select()
    .from(zoneRecords)
    .where(and(eq(zoneRecords.id, recordId), eq(zoneRecords.zoneId, zone.id)));
  if (row === undefined) throw new ServiceError("not-found", "There is no such record.");
  if (row.purpose !== null)
    throw new ServiceError(
      "forbidden",
      `${recordInWords(row)} is kept by Mailstead, because a domain needs it; it goes when the domain no longer does.`,
    );
  const { name, type, ttlSeconds, value } = row;
  return { name, type, ttlSeconds, value };
}

async function insertOwn(
  tx: Transaction,
  ctx: ServiceContext,
  { zone, records }: { zone: ZoneRow; records: readonly ZoneRecord[] },
): Promise<void> {
  const createdAt = ctx.now();
  const { organisationId, tenantId, id: zoneId } = zone;
  await tx.insert(zoneRecords).values(
    records.map((record) => ({
      ...record,
      id: newId(createdAt),
      organisationId,
      tenantId,
      zoneId,
      createdAt,
    })),
  );
}

function keyOf({ name, type, value }: Pick<ZoneRecord, "name" | "type" | "value">): string {
  return JSON.stringify([name, type, value]);
}

async function auditRecords(
  tx: Transaction,
  ctx: ServiceContext,
  {
    zone,
    ...fact
  }: { zone: ZoneRow; action: string; before?: readonly ZoneRecord[]; after?: readonly ZoneRecord[] },
): Promise<void> {
  await recordAudit(tx, ctx, {
    organisationId: zone.organisationId,
    tenantId: zone.tenantId,
    subject: { kind: "zone", id: zone.id, name: zone.name },
    ...fact,
  });
}
