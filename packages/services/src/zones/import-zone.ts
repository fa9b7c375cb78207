import { readZoneText } from "@mailstead/core/dns";
import { isInZone, type TypedRecord, zoneRecordTypes, zoneTtl } from "@mailstead/core/zones";
import { z } from "zod";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { addZoneRecords, type RecordsAdded } from "./change-records.ts";
import { findZone, readZoneServers } from "./zone-rows.ts";

const importZoneInput = z.object({ zoneId: z.uuid(), text: z.string().min(1, "there is nothing to import") });

export interface ZoneImported extends RecordsAdded {
  /** What was left out because Mailstead keeps it itself, as a person reads it. */
  leftOut: string[];
}

/**
 * Takes the records of a zone file in BIND's form as the people's own, all or none. The SOA, the zone's own name servers
 * and signatures are left out and named. Throws `invalid` with the line that cannot be read, or the record that has no
 * place in a hosted zone.
 */
export async function importZone(
  ctx: ServiceContext,
  input: z.input<typeof importZoneInput>,
): Promise<ZoneImported> {
  requireRole(ctx, "technician");
  const { zoneId, text } = parseInput(importZoneInput, input);
  const { zone, nameServers } = await withTransaction(ctx, async (tx) => ({
    zone: (await findZone(tx, zoneId)).name,
    nameServers: (await readZoneServers(tx, zoneId)).map(({ nameServer }) => nameServer),
  }));
  const { records, problems } = readZoneText(text, { origin: zone });
  const [problem] = problems;
  if (problem !== undefined)
    throw new ServiceError("invalid", `Line ${problem.line}: ${problem.problem}`, { field: "text" });
  const leftOut: string[] = [];
  const own: TypedRecord[] = [];
  for (const { name, type, value, ttlSeconds } of records) {
    const isKept =
      keptTypes.includes(type) ||
      (name === zone && (type === "NS" || type === "DS")) ||
      // Where the old zone said that its name servers are, which have the same names now.
      (nameServers.includes(name) && (type === "A" || type === "AAAA"));
    if (isKept) leftOut.push(`${name} ${type}`);
    else {
      requireKnown({ name, type }, zone);
      own.push({ name: `${name}.`, type, value: asTyped(type, value), ttlSeconds: clamped(ttlSeconds) });
    }
  }
  if (own.length === 0)
    throw new ServiceError(
      "invalid",
      `This text holds no record of ${zone} but what Mailstead keeps itself.`,
      {
        field: "text",
      },
    );
  return { ...(await addZoneRecords(ctx, { zoneId, records: own })), leftOut };
}

// RFC 4034, RFC 5155, RFC 7344: what the primary makes itself.
const keptTypes = ["SOA", "DNSKEY", "RRSIG", "NSEC", "NSEC3", "NSEC3PARAM", "CDS", "CDNSKEY", "ZONEMD"];

function requireKnown({ name, type }: { name: string; type: string }, zone: string): void {
  if (!isInZone(name, zone))
    throw new ServiceError("invalid", `${name} ${type} does not lie in the zone ${zone}.`, { field: "text" });
  if (!(zoneRecordTypes as readonly string[]).includes(type))
    throw new ServiceError(
      "invalid",
      `${name} ${type} is of a type that is not hosted here; take it out to import the rest.`,
      { field: "text" },
    );
}

function clamped(ttlSeconds: number | null): number {
  return Math.min(Math.max(ttlSeconds ?? zoneTtl.usual, zoneTtl.min), zoneTtl.max);
}

/** A text is quoted, so that its spaces and its own quotes are taken for what they are. */
function asTyped(type: string, value: string): string {
  return type === "TXT" ? `"${value.replace(/["\\]/g, "\\$&")}"` : value;
}
