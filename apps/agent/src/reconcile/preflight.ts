import type { RenderedStack } from "@mailstead/core/converge";
import { JobFailure } from "../jobs/job-failure.ts";
import { readPackages } from "../observe/packages.ts";
import { readTextIfExists } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";

// What provides mail-transport-agent in Debian 12 and 13, and so fights with Postfix over port 25 and sendmail(1).
const otherMailServers = [
  "exim4-daemon-light",
  "exim4-daemon-heavy",
  "sendmail-bin",
  "opensmtpd",
  "courier-mta",
  "citadel-server",
  "qmail-run",
  "cyrus-imapd",
  "courier-imap",
] as const;

/** Refuses, before anything is changed, a host on which somebody else's mail server lives. Throws JobFailure. */
export async function requireRoomForMail(host: Host, stack: RenderedStack): Promise<void> {
  const installed = await readPackages(host, [...otherMailServers, ...stack.packages]);
  const other = otherMailServers.find((name) => installed[name] !== undefined);
  if (other !== undefined)
    throw new JobFailure(
      `Another mail server, ${other} ${installed[other]}, is installed on this host. Save what it holds, remove it (apt-get purge ${other}) and run the job again. Nothing was changed.`,
      { retry: "permanent" },
    );
  if (installed["postfix"] !== undefined) return;
  const port = await takenPort(host);
  if (port !== null)
    throw new JobFailure(
      `Another program listens on port ${port} of this host, which the mail server needs (ss -ltnp shows which). Stop it and run the job again. Nothing was changed.`,
      { retry: "permanent" },
    );
}

const mailPorts = [25, 465, 587, 143, 993, 4190];

async function takenPort(host: Host): Promise<number | null> {
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    const ports = listeningPorts((await readTextIfExists(host.path(table))) ?? "");
    const taken = mailPorts.find((port) => ports.has(port));
    if (taken !== undefined) return taken;
  }
  return null;
}

/** Ports on which /proc/net/tcp shows a listener (proc_net_tcp: state 0A). */
export function listeningPorts(table: string): Set<number> {
  const ports = new Set<number>();
  for (const line of table.split("\n").slice(1)) {
    const fields = line.trim().split(/\s+/);
    if (fields[3] === "0A") ports.add(Number.parseInt(fields[1]?.split(":")[1] ?? "", 16));
  }
  return ports;
}
