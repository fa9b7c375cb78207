import { z } from "zod";
import { domainRoles, hostNameSchema } from "../domains/index.ts";

/** Servers that one domain may have. */
export const serversPerDomainMax = 8;

const addressesPerServerMax = 64;

/** A server of a domain, as the others must know it. */
export const domainPartnerSchema = z.object({
  role: z.enum(domainRoles),
  hostname: hostNameSchema,
  /** By which the others recognise it: what it hands on has been checked there. */
  ipAddresses: z.array(z.union([z.ipv4(), z.ipv6()])).max(addressesPerServerMax),
  /** It serves on until the world has forgotten it, and is given nothing new. */
  isLeaving: z.literal(true).optional(),
});
export type DomainPartner = z.infer<typeof domainPartnerSchema>;

/** What this server does for a domain, and who does the rest. */
export const domainShareSchema = z.object({
  role: z.enum(domainRoles),
  others: z
    .array(domainPartnerSchema)
    .min(1)
    .max(serversPerDomainMax - 1),
});
export type DomainShare = z.infer<typeof domainShareSchema>;
