import { z } from "zod";
import { domainNameSchema } from "../domains/index.ts";
import { zoneNameSchema, zoneRecordSchema } from "../zones/index.ts";
import { sealedSecretSchema } from "./sealed-secret.ts";
import { recordsPerZoneMax, zonesPerServerMax } from "./target-limits.ts";

const addressesSchema = z.array(z.union([z.ipv4(), z.ipv6()])).max(32);

const zoneBase = {
  name: zoneNameSchema,
  /** Addresses of the other name server of the zone. */
  peerAddresses: addressesSchema.min(1),
  /** Proves the one to the other when a zone is transferred (TSIG, RFC 8945); base64 of 32 octets. */
  transferSecret: sealedSecretSchema,
};

/** A zone that a server answers for. The primary signs it and hands it to the secondary. */
export const targetZoneSchema = z.discriminatedUnion("role", [
  z.object({
    role: z.literal("primary"),
    ...zoneBase,
    /** Where a host that has no version of the zone yet begins; RFC 1982 arithmetic never meets its wrap. */
    serial: z.int().min(1).max(4_000_000_000),
    nameServers: z
      .array(z.object({ name: domainNameSchema, addresses: addressesSchema }))
      .min(2)
      .max(2),
    records: z.array(zoneRecordSchema).max(recordsPerZoneMax),
  }),
  z.object({ role: z.literal("secondary"), ...zoneBase }),
]);
export type TargetZone = z.infer<typeof targetZoneSchema>;

export const targetDnsSchema = z.object({
  /** True from the first zone on, so that the last one that goes switches the name server off. */
  hasServed: z.boolean(),
  /** Addresses of the host that the name server listens on. */
  listenAddresses: addressesSchema,
  zones: z.array(targetZoneSchema).max(zonesPerServerMax),
});
export type TargetDns = z.infer<typeof targetDnsSchema>;

/** What a server has that was never a name server. */
export const noDns: TargetDns = { hasServed: false, listenAddresses: [], zones: [] };
