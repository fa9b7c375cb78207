import { z } from "zod";
import { type ProviderId, providers } from "../delivery/index.ts";
import { toldText } from "../text/index.ts";
import { hostListenersSchema, hostUpkeepSchema } from "./host-upkeep.ts";

/** The distributions an agent operates; any other host is refused before anything on it changes. */
export const suiteSchema = z.enum(["bookworm", "trixie"]);
export type Suite = z.infer<typeof suiteSchema>;

export const serviceStateSchema = z.object({
  unit: toldText(200),
  state: z.enum(["running", "stopped", "failed", "not-installed"]),
  sinceUnixMs: z.number().nullable(),
});
export type ServiceState = z.infer<typeof serviceStateSchema>;

export const queueWaitingSchema = z.object({
  provider: z.enum(Object.keys(providers) as [ProviderId, ...ProviderId[]]),
  messages: z.int().positive(),
  /** Of those, how many have waited for longer than greylisting and a short outage take. */
  lateMessages: z.int().nonnegative(),
  oldestAtUnixMs: z.number(),
});
export type QueueWaiting = z.infer<typeof queueWaitingSchema>;

/** What an agent tells about its host; sent after connecting and whenever it changes. */
export const hostFactsSchema = z.object({
  suite: suiteSchema,
  osName: toldText(200),
  kernel: toldText(200),
  architecture: z.enum(["x64", "arm64"]),
  hostname: toldText(253),
  agentVersion: toldText(50),
  bootId: toldText(64),
  bootedAtUnixMs: z.number(),
  memoryTotalBytes: z.number(),
  memoryAvailableBytes: z.number(),
  diskTotalBytes: z.number(),
  diskFreeBytes: z.number(),
  cpuCount: z.int(),
  ipAddresses: z.array(toldText(64)).max(64),
  /** Null while not yet tried; false when the provider blocks port 25 outward. */
  canReachPort25: z.boolean().nullable(),
  /**
   * Whether the host's resolver gets validated answers from the world; null while it has none or it was not yet tried.
   * Agents from before there was one tell nothing.
   */
  hasValidatedDns: z.boolean().nullable().default(null),
  services: z.array(serviceStateSchema).max(50),
  /** Debian package name to installed version, of the packages the stack is made of. */
  packages: z.record(toldText(100), toldText(100)),
  queueSizeMessages: z.int().nonnegative().nullable(),
  /** When the oldest message that is not on hold came into the queue; null when there is none, or no Postfix. */
  queueOldestAtUnixMs: z.number().nullable().default(null),
  /** Messages that have waited for long, and those that Postfix ought to have taken up by now. */
  queueLateMessages: z.int().nonnegative().nullable().default(null),
  queueUntakenMessages: z.int().nonnegative().nullable().default(null),
  /** What waits in the queue for each receiver that put it off, the most first. Agents from before these were told tell none. */
  queueWaiting: z.array(queueWaitingSchema).max(20).default([]),
  isRebootRequired: z.boolean(),
  /** DKIM keys that ought to sign and whose files are gone, by the names at which the world looks for them; a few. */
  dkimKeysGone: z.array(toldText(350)).max(20).default([]),
  /** Agents from before these were told tell nothing. */
  upkeep: hostUpkeepSchema.nullable().default(null),
  listeners: hostListenersSchema.nullable().default(null),
});
export type HostFacts = z.infer<typeof hostFactsSchema>;

/** One file that differs from what the target state renders to. `diff` is a unified diff, bounded. */
export const driftEntrySchema = z.object({
  path: toldText(500),
  kind: z.enum(["changed", "missing", "unexpected"]),
  diff: toldText(65_536),
});
export type DriftEntry = z.infer<typeof driftEntrySchema>;

/** Public half of a DKIM key that was made on the host; `publicKey` is the base64 of a record's p= tag. */
export const dkimPublicKeySchema = z.object({
  domain: toldText(253),
  selector: toldText(63),
  algorithm: z.enum(["rsa-2048", "ed25519"]),
  publicKey: toldText(1000),
});
export type DkimPublicKey = z.infer<typeof dkimPublicKeySchema>;

/** What a CA needs of a TLS key that was made on the host (RFC 2986, RFC 6698 §2.1). */
export const certificateKeyReportSchema = z.object({
  keyId: toldText(64),
  /** The certification request, DER in base64. */
  request: toldText(40_000),
  /** SHA-256, hex, of the public half as subjectPublicKeyInfo: the data of a TLSA record "3 1 1". */
  spkiSha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type CertificateKeyReport = z.infer<typeof certificateKeyReportSchema>;
/** Keys of a zone that its primary signs with, as they are announced above the zone (RFC 4034 §2 and §5). */
export const zoneKeysSchema = z.object({
  zone: toldText(253),
  signers: z
    .array(
      z.object({
        keyTag: z.int().min(0).max(65_535),
        algorithm: z.int().min(0).max(255),
        digestType: z.int().min(0).max(255),
        digest: z.string().regex(/^(?:[0-9A-F]{2}){16,64}$/),
      }),
    )
    .max(8),
  /** Data of the DNSKEY records that a registrar may ask for instead, like `257 3 13 …`. */
  keys: z.array(z.string().regex(/^257 3 \d{1,3} [A-Za-z0-9+/=]{1,2000}$/)).max(8),
});
export type ZoneKeys = z.infer<typeof zoneKeysSchema>;

/** A key that the host shows to whoever signs in over SSH, by the digest of its public half (RFC 4255 §3.1.3). */
export const sshHostKeySchema = z.object({
  algorithm: z.enum(["rsa", "ecdsa", "ed25519"]),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** What the host holds now of what Mailstead manages; the answer to "is it as it ought to be?". */
export const observedReportSchema = z.object({
  targetRevision: z.int().nonnegative(),
  drift: z.array(driftEntrySchema).max(200),
  /**
   * Files that this agent would write otherwise than it did last, as after an update that renders them anew; a few. Null from
   * agents that were before rollouts of configurations.
   */
  pendingPaths: z.array(toldText(500)).max(200).nullable().default(null),
  dkimPublicKeys: z.array(dkimPublicKeySchema).max(10_000),
  /** Agents from before zones were hosted tell none. */
  zoneKeys: z.array(zoneKeysSchema).max(1000).default([]),
  directory: z.object({ epoch: z.int().nonnegative(), revision: z.int().nonnegative() }),
  certificateKeys: z.array(certificateKeyReportSchema).max(2_000).default([]),
  /** Agents from before these were told tell none. */
  sshHostKeys: z.array(sshHostKeySchema).max(8).default([]),
});
export type ObservedReport = z.infer<typeof observedReportSchema>;
