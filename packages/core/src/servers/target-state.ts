import { z } from "zod";
import { dkimSelectorSchema, domainNameSchema, hostNameSchema } from "../domains/index.ts";
import { hostedAddressSchema } from "../mailboxes/index.ts";
import { measuresMax, targetMeasureSchema } from "../measures/index.ts";
import { dnsForwarderSchema, dnsForwardersMax, tlsExceptionsSchema } from "./delivery-settings.ts";
import { domainShareSchema } from "./domain-share.ts";
import { destinationRelaysSchema, relaySchema } from "./relay.ts";
import { noSpamhaus, targetBlockListsSchema } from "./target-block-lists.ts";
import { targetCertificateSchema } from "./target-certificate.ts";
import { noDns, targetDnsSchema } from "./target-dns.ts";
import { certificatesPerServerMax, destroyedKeysMax, domainsPerServerMax } from "./target-limits.ts";

export const dkimAlgorithmSchema = z.enum(["rsa-2048", "ed25519"]);
export type DkimAlgorithm = z.infer<typeof dkimAlgorithmSchema>;

export const dkimKeySchema = z.object({
  /** The key's name, which no other key of the domain ever has. */
  selector: dkimSelectorSchema,
  /** The selector of its signatures when keys take turns behind one delegated name; else its own. */
  signsAs: dkimSelectorSchema.optional(),
  algorithm: dkimAlgorithmSchema,
  /** False while the key waits for its record to be seen, or is retired but its record still stands. */
  isSigning: z.boolean(),
});

export const mtaStsModeSchema = z.enum(["none", "testing", "enforce"]);

const mtaStsMaxAgeSecondsDefault = 604_800;
// RFC 8461 §3.2.
const mtaStsMaxAgeSecondsMax = 31_557_600;

/** What the host tells the world about TLS to a domain's MX hosts (RFC 8461 §3.2). */
export const mtaStsSettingsSchema = z.object({
  mode: mtaStsModeSchema,
  /** For how long a sender may keep the policy, and so refuses what it does not allow. */
  maxAgeSeconds: z.int().min(0).max(mtaStsMaxAgeSecondsMax),
  /** All MX hosts of the domain; empty when this server is the only one. */
  mxHosts: z.array(hostNameSchema).max(8).default([]),
});
export type MtaStsSettings = z.infer<typeof mtaStsSettingsSchema>;

/** What a domain says before somebody chooses: no sender demands anything. */
export const defaultMtaSts: MtaStsSettings = {
  mode: "none",
  maxAgeSeconds: mtaStsMaxAgeSecondsDefault,
  mxHosts: [],
};

// Former keys stay until their rotation has ended, and rotations may follow each other much faster than they end.
export const dkimKeysMax = 64;

export const targetDomainSchema = z.object({
  name: domainNameSchema,
  dkimKeys: z.array(dkimKeySchema).max(dkimKeysMax),
  /** Keys whose private halves must not be on the host any more. Named, so that nothing goes by being left out. */
  destroyedSelectors: z.array(dkimSelectorSchema).max(dkimKeysMax).optional(),
  mtaSts: mtaStsSettingsSchema.default(defaultMtaSts),
  /** Left out where this server does everything for the domain by itself. */
  share: domainShareSchema.optional(),
});
export type TargetDomain = z.infer<typeof targetDomainSchema>;

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
  /** prefer-ipv4 takes mail over both, and sends over IPv6 only where a receiver has no IPv4. */
  ipFamilies: z.enum(["dual", "prefer-ipv4", "ipv4-only", "ipv6-only"]),
  hasVirusScan: z.boolean(),
  /** True marks and refuses what signed-in people send by the same scores as strangers' mail. */
  scoresSubmissions: z.boolean().default(false),
  /** Recipients that one mailbox may write to in any hour before its messages are deferred; 0 means no limit. */
  sendsPerMailboxPerHourMax: z.int().nonnegative(),
  /** The same for all mailboxes of one domain together; 0 means no limit. */
  sendsPerDomainPerHourMax: z.int().nonnegative().default(sendsPerDomainPerHourMaxDefault),
  /** What the host does by itself about an account that surely sends as stolen ones do; it is told of in either case. */
  stolenAccounts: z.enum(["hold", "alert"]).default("hold"),
  /** Where mail to root, postmaster and cron goes; null leaves root's on the host and finds each domain a postmaster. */
  postmaster: hostedAddressSchema.nullable(),
  /** Addresses and networks that the ban never touches, besides loopback. */
  neverBanned: z.array(cidrSchema).max(200),
  /** Addresses and networks that are always refused. */
  alwaysBanned: z.array(cidrSchema).max(10_000),
  /** Whom the host's resolver asks where the network lets nobody ask the world's name servers; empty asks those. */
  dnsForwarders: z
    .array(dnsForwarderSchema)
    .max(dnsForwardersMax, `a server asks ${dnsForwardersMax} resolvers at most`)
    .default([]),
});
export type StackSettings = z.infer<typeof stackSettingsSchema>;

const imprintLengthMax = 2000;

/** What the host serves over HTTP and HTTPS. */
export const webSettingsSchema = z.object({
  isEnabled: z.boolean(),
  /** RFC 7638 thumbprint of the key of our account at the CA; with it the host answers HTTP-01 challenges itself. */
  acmeThumbprint: z
    .string()
    .regex(/^[A-Za-z0-9_-]{43}$/, "this must be the SHA-256 thumbprint of an account key")
    .nullable(),
  /** Who answers for the host, as lines of text on its page; some receivers want to find that there. */
  imprint: z
    .string()
    .max(imprintLengthMax)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
    .regex(/^[^\u0000-\u0009\u000b-\u001f\u007f\p{Cs}]*$/u, "this must be text without control characters")
    .nullable(),
});
export type WebSettings = z.infer<typeof webSettingsSchema>;

/** What a new server starts with. */
export const defaultWebSettings: WebSettings = { isEnabled: true, acmeThumbprint: null, imprint: null };

/** Everything a server ought to be, as one revisioned document. Its mail directory is synced beside it. */
export const targetStateSchema = z.object({
  formatVersion: z.literal(1),
  serverId: z.uuid(),
  revision: z.int().positive(),
  hostname: hostNameSchema,
  stack: stackSettingsSchema,
  domains: z.array(targetDomainSchema).max(domainsPerServerMax),
  /** Private DKIM keys that must not be on the host any more, of domains that have left it. Named, like `destroyedSelectors`. */
  destroyedKeys: z
    .array(z.object({ domain: domainNameSchema, selector: dkimSelectorSchema }))
    .max(destroyedKeysMax)
    .optional(),
  relays: z.array(relaySchema).max(5000),
  /** Receivers whose mail goes through a smarthost, or directly, whoever sends it. */
  destinationRelays: destinationRelaysSchema.default([]),
  /** What is done for a time about providers that slow mail down or refuse it. */
  measures: z.array(targetMeasureSchema).max(measuresMax).default([]),
  /** Receivers of whom less TLS is demanded for a time. */
  tlsExceptions: tlsExceptionsSchema.default([]),
  /** A document that does not speak of it is from before hosts served anything, and means what it meant then. */
  web: webSettingsSchema.default({ ...defaultWebSettings, isEnabled: false }),
  driftPolicy: driftPolicySchema,
  overrides: overridesSchema,
  /** TLS certificates beside the self-signed one that serves until there is another. */
  certificates: z.array(targetCertificateSchema).max(certificatesPerServerMax).default([]),
  /** The customer's SenderId in Feedback-ID headers; documents from before there was one leave the header out. */
  feedbackSenderId: z
    .string()
    .regex(/^[a-z0-9]{5,15}$/, "a SenderId has 5 to 15 small letters and digits")
    .optional(),
  /** Zones that the host answers for; documents from before there were any say nothing of it. */
  dns: targetDnsSchema.default(noDns),
  /** Which block lists the host asks about itself, and by whose key. */
  blockLists: targetBlockListsSchema.default(noSpamhaus),
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
  stolenAccounts: "hold",
  postmaster: null,
  neverBanned: [],
  alwaysBanned: [],
  dnsForwarders: [],
};

export const noOverrides: Overrides = { postfixMain: [], dovecot: "", rspamd: {}, sieveBefore: "" };
