import { zoneTextLimits } from "@mailstead/core/dns";
import { type ImportNote, planZoneImport, type ZoneImportPlan } from "@mailstead/core/zones";
import { z } from "zod";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { addZoneRecords, type RecordsAdded } from "./change-records.ts";
import { findZone, readZoneRecords, readZoneServers } from "./zone-rows.ts";

const zoneText = z.object({
  zoneId: z.uuid(),
  text: z
    .string()
    .min(1, "there is nothing to import")
    .max(zoneTextLimits.characters, "this is too long for the zone of a mail domain"),
});

export interface ZoneImportPreview {
  /** How many records would be taken, those that stand there already among them. */
  takes: number;
  /** What of the file is left out, kept by Mailstead or changed, by line. */
  notes: ImportNote[];
}

/** Says what importing a zone file would take and what not, and writes nothing. Throws `not-found`. */
export async function previewZoneImport(
  ctx: ServiceContext,
  input: z.input<typeof zoneText>,
): Promise<ZoneImportPreview> {
  requireRole(ctx, "technician");
  const { take, notes } = await plan(ctx, parseInput(zoneText, input));
  return { takes: take.length, notes };
}

const importZoneInput = zoneText.extend({
  /** The person has seen what is left out and what is changed, and takes the rest. */
  isLossAccepted: z.boolean().default(false),
});

export interface ZoneImported extends RecordsAdded {
  notes: ImportNote[];
}

/**
 * Takes what can be carried of a zone file in BIND's form as the people's own, all of that or none. Throws
 * `precondition-failed` when something would be left out or changed and nobody has accepted that, `invalid` when there is
 * nothing to take.
 */
export async function importZone(
  ctx: ServiceContext,
  input: z.input<typeof importZoneInput>,
): Promise<ZoneImported> {
  requireRole(ctx, "technician");
  const { isLossAccepted, ...wanted } = parseInput(importZoneInput, input);
  const { take, notes } = await plan(ctx, wanted);
  const loss = notes.find(({ what }) => what !== "kept");
  if (take.length === 0)
    throw new ServiceError(
      "invalid",
      loss === undefined
        ? "This text holds no record of the zone but what Mailstead keeps itself."
        : `This text holds no record that can be taken. Line ${loss.line}: ${loss.sentence ?? ""}`,
      { field: "text" },
    );
  if (loss !== undefined && !isLossAccepted)
    throw new ServiceError(
      "precondition-failed",
      `Not all of it would be taken as it stands. Line ${loss.line}: ${loss.sentence ?? ""}`,
    );
  const records = take.map((record) => ({ ...record, name: `${record.name}.`, value: asTyped(record) }));
  return { ...(await addZoneRecords(ctx, { zoneId: wanted.zoneId, records })), notes };
}

async function plan(
  ctx: ServiceContext,
  { zoneId, text }: { zoneId: string; text: string },
): Promise<ZoneImportPlan> {
  const zone = await withTransaction(ctx, async (tx) => {
    const { name } = await findZone(tx, zoneId);
    const rows = await readZoneRecords(tx, zoneId);
    const servers = await readZoneServers(tx, zoneId);
    return {
      name,
      nameServers: servers.map(({ nameServer, addresses }) => ({ name: nameServer, addresses })),
      records: rows,
      keys: rows.filter(({ purpose }) => purpose === "dkim"),
    };
  });
  return planZoneImport(text, zone);
}

/** A text is quoted, so that its spaces and its own quotes are taken for what they are. */
function asTyped({ type, value }: { type: string; value: string }): string {
  return type === "TXT" ? `"${value.replace(/["\\]/g, "\\$&")}"` : value;
}
