import { z } from "zod";
import { toldText } from "../text/index.ts";

/** What a host tries on itself, each as mail programs and other servers would. */
export const healthCheckIds = [
  /** The units of the stack run, and none has been restarted by systemd since the last look. */
  "units",
  /** Port 25 greets with the host's name. */
  "greeting",
  /** STARTTLS at 25 and 587, TLS at 465 and 993, with the certificate that ought to be served. */
  "certificate",
  /** Signing in at submission and IMAP; a wrong password is refused. */
  "sign-in",
  /** A letter handed in at submission comes to a mailbox through Postfix, Rspamd and Dovecot, and is read by IMAP. */
  "loopback",
  /** The signature of that letter verifies against the key in DNS. */
  "signature",
  /** dpkg has nothing half done. */
  "packages",
] as const;
/** Port 25 as another mail server meets it, which no host can tell of itself. */
export const outsideCheckId = "outside";
export type HealthCheckId = (typeof healthCheckIds)[number] | typeof outsideCheckId;

export const healthFaultsMax = 50;

export const healthCheckSchema = z.object({
  id: z.enum([...healthCheckIds, outsideCheckId]),
  /** `unknown` where it could not be tried, which says nothing against the host. */
  state: z.enum(["ok", "bad", "unknown"]),
  /** What was found, as one sentence. */
  sentence: toldText(1000),
  /** What exactly is bad, by names that stay the same from probe to probe: units, ports, packages. */
  faults: z.array(toldText(200)).max(healthFaultsMax).default([]),
});
export type HealthCheck = z.infer<typeof healthCheckSchema>;

const recentAttemptsSchema = z.object({
  sent: z.int().nonnegative(),
  deferred: z.int().nonnegative(),
  bounced: z.int().nonnegative(),
  /** Recipients that were refused to those who wanted to hand mail in from outside. */
  rejected: z.int().nonnegative(),
});
export type RecentAttempts = z.infer<typeof recentAttemptsSchema>;

/** How far back `recent` looks. */
export const recentAttemptsMs = 15 * 60_000;

export const healthFiguresSchema = z.object({
  queueMessages: z.int().nonnegative().nullable(),
  /** Attempts of the last minutes by what came of them, without the probe's own; null where the log was not read. */
  recent: recentAttemptsSchema.nullable(),
});
export type HealthFigures = z.infer<typeof healthFiguresSchema>;

export const mailHealthSchema = z.object({
  checks: z.array(healthCheckSchema).max(50),
  figures: healthFiguresSchema,
  tookMs: z.number(),
});
export type MailHealth = z.infer<typeof mailHealthSchema>;
