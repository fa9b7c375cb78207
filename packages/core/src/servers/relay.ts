import { z } from "zod";
import { domainNameSchema, hostNameSchema } from "../domains/index.ts";
import { hostedAddressSchema } from "../mailboxes/index.ts";
import { providerIdSchema } from "../measures/index.ts";
import { sealedSecretSchema } from "./sealed-secret.ts";

export const smarthostSchema = z.object({
  host: hostNameSchema,
  port: z.int().min(1).max(65_535),
  username: z
    .string()
    .max(255)
    .regex(/^[^\r\n\0\p{Cs}]*$/u, "this must be one line of text")
    .optional(),
  password: sealedSecretSchema.optional(),
  /** False sends the password to whoever answers in the smarthost's name, over TLS that proves nothing. */
  verifiesCertificate: z.boolean().default(true),
});
export type Smarthost = z.infer<typeof smarthostSchema>;

export const relaySchema = z.object({
  /** "*" for all mail, else mail whose envelope sender is in this domain, or is this very address. */
  sendersOf: z.union([z.literal("*"), domainNameSchema, hostedAddressSchema]),
  /** null sends directly to the receiver's MX, which is how a domain is excluded from a relay for all. */
  smarthost: smarthostSchema.nullable(),
});
export type Relay = z.infer<typeof relaySchema>;

export const destinationRelaysMax = 200;
export const tooManyDestinations = `a server has at most ${destinationRelaysMax} relays for receivers`;

/** The smarthost that measures and the automatic fallback lead through; no mail goes there by itself. */
export const standbyRelay = "standby";

const providerPrefix = "provider:";
const providerRelaySchema = z.templateLiteral([providerPrefix, providerIdSchema]);

/** What leads to a smarthost because of who receives it. */
export const destinationRelaySchema = z.object({
  /** A domain, a provider with all its domains, or the smarthost that stands by. */
  to: z.union([z.literal(standbyRelay), providerRelaySchema, domainNameSchema]),
  /** Of a hundred recipients at a provider, how many go this way; each recipient always goes the same. */
  percent: z.int().min(1).max(100).default(100),
  /** Whether a provider that blocks this server is relayed here without a person, for a time. */
  isAutomatic: z.boolean().default(false),
  /** null sends directly, which is how a receiver is excluded from a relay for all. */
  smarthost: smarthostSchema.nullable(),
});
export type DestinationRelay = z.infer<typeof destinationRelaySchema>;

/** The provider that a destination names, or null where it names none. */
export function relayedProvider(to: string): z.infer<typeof providerIdSchema> | null {
  const parsed = providerIdSchema.safeParse(
    to.startsWith(providerPrefix) ? to.slice(providerPrefix.length) : "",
  );
  return parsed.data ?? null;
}

export const destinationRelaysSchema = z
  .array(destinationRelaySchema)
  .max(destinationRelaysMax, tooManyDestinations)
  .superRefine((relays, ctx) => {
    const refuse = (message: string) => ctx.addIssue({ code: "custom", message });
    if (new Set(relays.map(({ to }) => to)).size !== relays.length)
      refuse("each receiver is named once among the relays");
    for (const { to, percent, smarthost } of relays) {
      const isDomain = to !== standbyRelay && relayedProvider(to) === null;
      if (!isDomain && smarthost === null) refuse(`the relay for ${to} needs a smarthost`);
      if (isDomain && percent !== 100) refuse("only a provider's mail can be split");
    }
    // One sign-in for each host and port is what Postfix can look up.
    const names = new Map<string, string>();
    for (const { smarthost } of relays) {
      if (smarthost === null) continue;
      const hop = `${smarthost.host}:${smarthost.port}`;
      const name = smarthost.username ?? "";
      if ((names.get(hop) ?? name) !== name)
        refuse(`the relay ${hop} is used with two user names; use one for all receivers`);
      names.set(hop, name);
    }
  });
