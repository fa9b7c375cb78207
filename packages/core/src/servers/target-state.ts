import { z } from "zod";
import { dkimSelectorSchema, domainNameSchema, hostNameSchema } from "../domains/index.ts";
import { hostedAddressSchema } from "../mailboxes/index.ts";
import { domainsPerServerMax } from "./target-limits.ts";

const singleLine = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[^\r\n\0\p{Cs}]*$/u, "this must be one line of text");

export const dkimAlgorithmSchema = z.enum(["rsa-2048", "ed25519"]);
export type DkimAlgorithm = z.infer<typeof dkimAlgorithmSchema>;

export const dkimKeySchema = z.object({
  selector: dkimSelectorSchema,
  algorithm: dkimAlgorithmSchema,
  /** False while the key waits for its record to be seen, or is retired but its record still stands. */
  isSigning: z.boolean(),
});

export const targetDomainSchema = z.object({
  name: domainNameSchema,
  dkimKeys: z.array(dkimKeySchema).max(8),
  /** Keys whose private halves must not be on the host any more. Named, so that nothing goes by being left out. */
  destroyedSelectors: z.array(dkimSelectorSchema).max(16).optional(),
});
export type TargetDomain = z.infer<typeof targetDomainSchema>;

/**
 * A secret that only the agent's sealing key opens. `box` is the base64 of, one after the other:
 * - the sender's ephemeral X25519 public key, 32 bytes (RFC 7748 §5),
 * - the AES-GCM nonce, 12 bytes,
 * - the AES-256-GCM text of the secret in UTF-8, without additional data, as long as the secret,
 * - the AES-GCM tag, 16 bytes.
 *
 * The AES key is HKDF-SHA-256 (RFC 5869) of the X25519 shared secret, with the ephemeral public key followed by the
 * agent's raw public sealing key as salt, "mailstead-sealed-secret" as info, and 32 bytes of length.
 */
export const sealedSecretSchema = z.object({
  box: z
    .string()
    .regex(/^[A-Za-z0-9+/=]+$/)
    .max(4096),
});
export type SealedSecret = z.infer<typeof sealedSecretSchema>;

export const relaySchema = z.object({
  /** "*" for all mail, else mail whose envelope sender is in this domain. */
  sendersOf: z.union([z.literal("*"), domainNameSchema]),
  /** null sends directly to the receiver's MX, which is how a domain is excluded from a relay for all. */
  smarthost: z
    .object({
      host: hostNameSchema,
      port: z.int().min(1).max(65_535),
      username: singleLine(255).optional(),
      password: sealedSecretSchema.optional(),
      /** False sends the password to whoever answers in the smarthost's name, over TLS that proves nothing. */
      verifiesCertificate: z.boolean().default(true),
    })
    .nullable(),
});
export type Relay = z.infer<typeof relaySchema>;

export const driftPolicySchema = z.enum(["revert", "keep", "ask"]);
export type DriftPolicy = z.infer<typeof driftPolicySchema>;

/** Text of the operator's own that survives every converge. Each is checked on the host before it takes effect. */
export const overridesSchema = z.object({
  /** Lines `name = value` that win over ours in main.cf. */
  postfixMain: z
    .array(
      z
        .string()
        .max(2000)
        // Any other character that is no text is refused where the sentence can name the line.
        .regex(/^[^\r\n]*$/, "this must be one line of text"),
    )
    .max(200),
  /** Dovecot settings, read after ours, in the language of the host's Dovecot. */
  dovecot: z.string().max(65_536),
  /** File name in Rspamd's local.d or override.d to its text. */
  rspamd: z.record(
    z
      .string()
      .regex(
        /^(local|override)\.d\/[a-z0-9_-]+\.(conf|inc|map)$/,
        "an override of Rspamd is a file like local.d/actions.conf or override.d/options.inc",
      ),
    z.string().max(65_536),
  ),
  /** Sieve run for every mailbox before the mailbox's own. */
  sieveBefore: z.string().max(65_536),
});
export type Overrides = z.infer<typeof overridesSchema>;

const cidrSchema = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]);

const sendsPerDomainPerHourMaxDefault = 3000;

export const stackSettingsSchema = z.object({
  messageSizeMaxBytes: z.int().min(1_000_000).max(500_000_000),
  recipientDelimiter: z.enum(["+", "-"]),
  ipFamilies: z.enum(["dual", "ipv4-only", "ipv6-only"]),
  hasVirusScan: z.boolean(),
  /** True marks and refuses what signed-in people send by the same scores as strangers' mail. */
  scoresSubmissions: z.boolean().default(false),
  /** Recipients that one mailbox may write to in any hour before its messages are deferred; 0 means no limit. */
  sendsPerMailboxPerHourMax: z.int().nonnegative(),
  /** The same for all mailboxes of one domain together; 0 means no limit. */
  sendsPerDomainPerHourMax: z.int().nonnegative().default(sendsPerDomainPerHourMaxDefault),
  /** Where mail to root, postmaster and cron goes; null leaves root's on the host and finds each domain a postmaster. */
  postmaster: hostedAddressSchema.nullable(),
  /** Addresses and networks that the ban never touches, besides loopback. */
  neverBanned: z.array(cidrSchema).max(200),
  /** Addresses and networks that are always refused. */
  alwaysBanned: z.array(cidrSchema).max(10_000),
});
export type StackSettings = z.infer<typeof stackSettingsSchema>;

/** Everything a server ought to be, as one revisioned document. Its mail directory is synced beside it. */
export const targetStateSchema = z.object({
  formatVersion: z.literal(1),
  serverId: z.uuid(),
  revision: z.int().positive(),
  hostname: hostNameSchema,
  stack: stackSettingsSchema,
  domains: z.array(targetDomainSchema).max(domainsPerServerMax),
  relays: z.array(relaySchema).max(5000),
  driftPolicy: driftPolicySchema,
  overrides: overridesSchema,
});
export type TargetState = z.infer<typeof targetStateSchema>;

/** What a new server starts with; the numbers suit a host of 1 to 2 GB. */
export const defaultStackSettings: StackSettings = {
  messageSizeMaxBytes: 52_428_800,
  recipientDelimiter: "+",
  ipFamilies: "dual",
  hasVirusScan: false,
  scoresSubmissions: false,
  sendsPerMailboxPerHourMax: 300,
  sendsPerDomainPerHourMax: sendsPerDomainPerHourMaxDefault,
  postmaster: null,
  neverBanned: [],
  alwaysBanned: [],
};

export const noOverrides: Overrides = { postfixMain: [], dovecot: "", rspamd: {}, sieveBefore: "" };
