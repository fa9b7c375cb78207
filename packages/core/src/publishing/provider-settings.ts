import { z } from "zod";

const secret = (lengthMax = 500) =>
  z
    .string()
    .trim()
    .min(1, "This must not be empty.")
    .max(lengthMax)
    .regex(/^[\x21-\x7e]*$/, "This holds a space or a character that no such key has.");
const zoneName = z
  .string()
  .trim()
  .toLowerCase()
  .transform((name) => name.replace(/\.$/, ""))
  .pipe(
    z
      .string()
      .regex(
        /^(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/,
        "This is no name of a zone; write it like example.com.",
      ),
  );
const hostOrAddress = z
  .string()
  .trim()
  .max(253)
  .regex(/^[a-z0-9.:-]+$/i, "This must be the name or the IP address of a name server.");

/** What a connection needs to know of each kind of provider; everything in it is sealed, because most of it is secret. */
export const providerSettingsSchema = z.discriminatedUnion("provider", [
  z.object({
    provider: z.literal("rfc2136"),
    server: hostOrAddress,
    port: z.coerce.number().int().min(1).max(65_535).default(53),
    keyName: zoneName,
    algorithm: z.enum(["hmac-sha256", "hmac-sha512"]).default("hmac-sha256"),
    secret: z.base64("The secret must be in base64, as tsig-keygen and keymgr print it.").min(1).max(500),
    zones: z.array(zoneName).min(1, "Name at least one zone: dynamic update cannot list them.").max(500),
  }),
  z.object({
    provider: z.literal("powerdns"),
    url: z.url({ protocol: /^https?$/, error: "This must be an address like https://dns.example:8081." }),
    apiKey: secret(),
    serverId: z.string().trim().min(1).max(100).default("localhost"),
  }),
  z.object({ provider: z.literal("cloudflare"), token: secret() }),
  z.object({ provider: z.literal("route53"), accessKeyId: secret(128), secretAccessKey: secret() }),
  z.object({ provider: z.literal("digitalocean"), token: secret() }),
  z.object({ provider: z.literal("hetzner"), token: secret() }),
  z.object({ provider: z.literal("desec"), token: secret() }),
  z.object({ provider: z.literal("gandi"), token: secret() }),
  z.object({
    provider: z.literal("ovh"),
    region: z.enum(["eu", "ca", "us"]).default("eu"),
    applicationKey: secret(),
    applicationSecret: secret(),
    consumerKey: secret(),
  }),
]);

export type ProviderSettings = z.output<typeof providerSettingsSchema>;
export type ProviderKind = ProviderSettings["provider"];

export const providerKinds = [
  "rfc2136",
  "powerdns",
  "cloudflare",
  "route53",
  "digitalocean",
  "hetzner",
  "desec",
  "gandi",
  "ovh",
] as const satisfies readonly ProviderKind[];

/** The names that people know the providers by. */
export const providerNames: Record<ProviderKind, string> = {
  rfc2136: "Dynamic update (BIND, Knot; RFC 2136)",
  powerdns: "PowerDNS",
  cloudflare: "Cloudflare",
  route53: "Amazon Route 53",
  digitalocean: "DigitalOcean",
  hetzner: "Hetzner",
  desec: "deSEC",
  gandi: "Gandi",
  ovh: "OVHcloud",
};
