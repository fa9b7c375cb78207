import { z } from "zod";
import { domainNameSchema, shown } from "../domains/index.ts";
import { isUnknownType, type UnknownRecordType } from "./unknown-record.ts";
import { zoneNameProblem } from "./zone-name.ts";
import { zoneValueProblem } from "./zone-value.ts";

/** Types of records that a hosted zone may hold besides what Mailstead keeps itself: SOA, the zone's own NS, DNSSEC. */
export const zoneRecordTypes = [
  "A",
  "AAAA",
  "CAA",
  "CNAME",
  "DS",
  "HTTPS",
  "MX",
  "NAPTR",
  "NS",
  "OPENPGPKEY",
  "PTR",
  "SMIMEA",
  "SRV",
  "SSHFP",
  "SVCB",
  "TLSA",
  "TXT",
] as const;
/** A type that has a name here. */
export type NamedRecordType = (typeof zoneRecordTypes)[number];
/** A type of records in a hosted zone; what has no name here is carried by its number (RFC 3597). */
export type ZoneRecordType = NamedRecordType | UnknownRecordType;

export const zoneTtl = { min: 60, usual: 3600, max: 86_400 } as const;

/**
 * One record of a zone. The value is one text in zone file form, but its names have no final dot (the root alone is
 * "."), and the value of a TXT is whole and unquoted.
 */
export const zoneRecordSchema = z
  .object({
    /** Absolute name in lower case, without the final dot. */
    name: z.string(),
    type: z.union(
      [z.enum(zoneRecordTypes), z.custom<UnknownRecordType>((type) => isUnknownType(`${type}`))],
      {
        error: "records of this type are not hosted here",
      },
    ),
    ttlSeconds: z.int().min(zoneTtl.min).max(zoneTtl.max),
    value: z.string(),
  })
  .superRefine((record, ctx) => {
    const nameProblem = zoneNameProblem(record.name);
    if (nameProblem !== null) ctx.addIssue({ code: "custom", path: ["name"], message: nameProblem });
    const valueProblem = zoneValueProblem(record.type, record.value);
    if (valueProblem !== null) ctx.addIssue({ code: "custom", path: ["value"], message: valueProblem });
  });
export type ZoneRecord = z.infer<typeof zoneRecordSchema>;

// A zone's file is named after it, and a file name holds at most 255 octets on the file systems of Debian.
export const zoneNameLengthMax = 240;

/** The name of a zone that a host can serve. */
export const zoneNameSchema = domainNameSchema.refine((name) => name.length <= zoneNameLengthMax, {
  error: `a zone that is hosted here has a name of at most ${zoneNameLengthMax} characters`,
});

/** True when a name is the zone's or lies below it. */
export function isInZone(name: string, zone: string): boolean {
  return name === zone || name.endsWith(`.${zone}`);
}

/** A record as a person recognises it in a sentence. */
export function recordInWords({ name, type, value }: Pick<ZoneRecord, "name" | "type" | "value">): string {
  return `${name} ${type} "${shown(value)}"`;
}
