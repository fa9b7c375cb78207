import { readZoneText, zoneTextLimits } from "@mailstead/core/dns";
import {
  planChanges,
  type RecordConflict,
  type RecordSet,
  type SetChange,
  setKey,
} from "@mailstead/core/publishing";
import { dnsPublishedRecords } from "@mailstead/db";
import { inArray } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import { findDomain } from "../mailboxes/index.ts";
import { readDomainWishes } from "./domain-wishes.ts";
import { recordValue } from "./plan-zones.ts";

const compareInput = z.object({
  domainId: z.uuid(),
  text: z.string().max(zoneTextLimits.characters, "This is too long for the zone of a mail domain."),
});

export interface ZoneTextComparison {
  /** What would have to come into the zone, or go. */
  changes: readonly SetChange[];
  conflicts: readonly RecordConflict[];
  inPlace: number;
  /** Lines that could not be read. */
  problems: readonly { line: number; problem: string }[];
}

/**
 * Compares a zone that somebody pasted, in BIND's text form, with what the domain's plan wants of it. Nothing is asked
 * and nothing written, so it works without a connection. Throws `not-found`.
 */
export async function compareZoneText(
  ctx: ServiceContext,
  input: z.input<typeof compareInput>,
): Promise<ZoneTextComparison> {
  const { domainId, text } = parseInput(compareInput, input);
  const { name, wanted, withdrawn, owned } = await withTransaction(ctx, async (tx) => {
    const domain = await findDomain(tx, domainId);
    const wishes = await readDomainWishes(tx, domain, { isWorldAsked: false });
    const published = await tx
      .select({
        name: dnsPublishedRecords.name,
        type: dnsPublishedRecords.type,
        value: dnsPublishedRecords.value,
      })
      .from(dnsPublishedRecords)
      // Ours are also those of other domains under these names, and of one that was removed and came back.
      .where(
        inArray(
          dnsPublishedRecords.name,
          [...wishes.wanted, ...wishes.withdrawn].map(({ name }) => name),
        ),
      );
    return { ...wishes, name: domain.name, owned: published };
  });
  const { records, problems } = readZoneText(text, { origin: name });
  const plan = planChanges({
    wanted,
    withdrawn,
    standing: setsOf(records),
    owned,
    allowed: [],
  });
  return { ...plan, problems };
}

const unknownTtlSeconds = 3600;

function setsOf(
  records: readonly { name: string; type: string; value: string; ttlSeconds: number | null }[],
): RecordSet[] {
  const sets = new Map<string, RecordSet>();
  for (const record of records) {
    const { name, type, value } = recordValue(record);
    const known = sets.get(setKey({ name, type }));
    const values = [...new Set([...(known?.values ?? []), value])];
    const ttlSeconds = known?.ttlSeconds ?? record.ttlSeconds ?? unknownTtlSeconds;
    sets.set(setKey({ name, type }), { name, type, ttlSeconds, values });
  }
  return [...sets.values()];
}
