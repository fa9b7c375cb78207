import { z } from "zod";
import { toldText } from "../text/index.ts";

/** A day as the host's agent told it, in UTC; days and not moments, so that what is told stays the same for a day. */
const toldDay = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
const portSchema = z.int().min(1).max(65_535);

export const hostClockSchema = z.object({
  /** Whether some time server sets it; null where that cannot be known, as in a container or soon after a start. */
  isSynchronised: z.boolean().nullable(),
  /** How far it is ahead of the control plane's; 0 for less than a connection's own delay could explain. */
  aheadSeconds: z.int(),
});
export type HostClock = z.infer<typeof hostClockSchema>;

export const pendingUpdatesSchema = z.object({
  count: z.int().nonnegative(),
  securityCount: z.int().nonnegative(),
  /** The first of them, those for security before the others. */
  names: z.array(toldText(100)).max(10),
  /** When the host last asked what there is; null when it never did. */
  askedOn: toldDay.nullable(),
});
export type PendingUpdates = z.infer<typeof pendingUpdatesSchema>;

/** How people get into the host: what its SSH server says of itself (`sshd -T`). */
export const sshSignInSchema = z.object({
  ports: z.array(portSchema).max(16),
  takesPasswords: z.boolean(),
  takesPasswordOfRoot: z.boolean(),
});
export type SshSignIn = z.infer<typeof sshSignInSchema>;

/** Files by which the owner of a host tells of its backups: when the last one ended well, or that they are made elsewhere. */
export const backupMarks = {
  made: "/etc/mailstead/last-backup",
  elsewhere: "/etc/mailstead/backup-elsewhere",
} as const;

/** What the host shows of its backups, which are not Mailstead's to make. */
export const hostBackupSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("made"), by: toldText(50), lastOn: toldDay }),
  /** The owner says that backups are made where the host does not see them, such as snapshots of its disk. */
  z.object({ kind: z.literal("elsewhere") }),
  z.object({ kind: z.literal("unknown") }),
]);
export type HostBackup = z.infer<typeof hostBackupSchema>;

/** What a host needs beside its mail. A part is null where nothing can be said of it. */
export const hostUpkeepSchema = z.object({
  clock: hostClockSchema.nullable(),
  updates: pendingUpdatesSchema.nullable(),
  ssh: sshSignInSchema.nullable(),
  backup: hostBackupSchema.nullable(),
});
export type HostUpkeep = z.infer<typeof hostUpkeepSchema>;

/** TCP ports on which some program takes connections from outside the host, by family. */
export const hostListenersSchema = z.object({
  ipv4: z.array(portSchema).max(500),
  /** A listener on every IPv6 address mostly takes IPv4 too, and stands here alone. */
  ipv6: z.array(portSchema).max(500),
});
export type HostListeners = z.infer<typeof hostListenersSchema>;

/** Whether some program of the host takes connections at a port of an address. */
export function listensAt(
  { ipv4, ipv6 }: HostListeners,
  { address, port }: { address: string; port: number },
): boolean {
  return ipv6.includes(port) || (!address.includes(":") && ipv4.includes(port));
}
