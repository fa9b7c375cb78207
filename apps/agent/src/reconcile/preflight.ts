import { readdir } from "node:fs/promises";
import { foreignMainCfSettings, type RenderedStack } from "@mailstead/core/converge";
import { stackPaths } from "@mailstead/core/mail-flow";
import { cutText } from "@mailstead/core/text";
import { readAppliedDigests } from "../apply/applied-digests.ts";
import { JobFailure } from "../jobs/job-failure.ts";
import { readListeningSockets } from "../observe/listening-sockets.ts";
import { readPackages } from "../observe/packages.ts";
import { isMissing, readTextIfExists } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";
import type { PlannedTarget } from "./plan-target.ts";

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
  const port = await takenPort(host, mailPorts);
  if (port !== null)
    throw new JobFailure(
      `Another program listens on port ${port} of this host, which the mail server needs (ss -ltnp shows which). Stop it and run the job again. Nothing was changed.`,
      { retry: "permanent" },
    );
}

const mainCf = "/etc/postfix/main.cf";

/**
 * Refuses to replace a main.cf that somebody made by hand, as a Postfix that is stopped has it too: what it delivers
 * would bounce, and the copies of jobs are forgotten in time. Debian's own and Mailstead's are nobody's. Throws JobFailure.
 */
export async function requireNobodysMainCf(host: Host, { observed, plan }: PlannedTarget): Promise<void> {
  const found = observed.files[mainCf];
  const isWritten = plan.steps.some(
    (step) => step.kind === "apply-files" && step.writes.some(({ path }) => path === mainCf),
  );
  if (!isWritten || found === undefined || found.lastAppliedDigest !== null) return;
  const mailName = (await readTextIfExists(host.path("/etc/mailname")))?.trim() || observed.hostname;
  const foreign = foreignMainCfSettings(found.content, { mailName });
  if (foreign.length === 0) return;
  const names = foreign.slice(0, 5).join(", ") + (foreign.length > 5 ? ", ..." : "");
  throw new JobFailure(
    `Postfix on this host was set up by hand (${mainCf} sets ${names}), and Mailstead would replace that. Keep what you need of it, move it away (mv ${mainCf} /root/) and run the job again. Nothing was changed.`,
    { retry: "permanent" },
  );
}

/**
 * Refuses to take the web ports, or the nginx, of a host whose owner serves something there: it would be gone from the
 * world. What Mailstead configured itself, and Debian's first page, are in nobody's way. Throws JobFailure.
 */
export async function requireRoomForWeb(host: Host, { plan }: PlannedTarget): Promise<void> {
  if (!plan.steps.some((step) => step.kind === "apply-files" && step.service === "nginx")) return;
  // What was written is remembered also where somebody has deleted it since, and our own nginx still runs.
  const written = Object.keys(await readAppliedDigests(host));
  if (written.some((path) => path.startsWith("/etc/nginx/"))) return;
  const way = "or switch off the web service in the settings of this server";
  const site = await foreignSite(host);
  if (site !== null)
    throw new JobFailure(
      `nginx on this host serves ${site}, and Mailstead would replace that. Move it away and run the job again, ${way}. Nothing was changed.`,
      { retry: "permanent" },
    );
  const port = await takenPort(host, webPorts);
  if (port !== null)
    throw new JobFailure(
      `Another program listens on port ${port} of this host, which the web service needs (ss -ltnp shows which). Stop it and run the job again, ${way}. Nothing was changed.`,
      { retry: "permanent" },
    );
}

/**
 * Refuses to replace the configuration of a Knot that serves zones of somebody else's: they would be gone from the net.
 * Throws JobFailure.
 */
export function requireNobodysKnot({ observed, plan }: PlannedTarget): void {
  const path = stackPaths.knotConf;
  const found = observed.files[path];
  const isWritten = plan.steps.some(
    (step) => step.kind === "apply-files" && step.writes.some((file) => file.path === path),
  );
  if (!isWritten || found === undefined || found.lastAppliedDigest !== null) return;
  const zone = /^[ \t-]*domain:[ \t]*"?([^"\s#]+)/m.exec(found.content)?.[1];
  if (zone === undefined || found.content.startsWith(noticeStart)) return;
  throw new JobFailure(
    `Knot on this host serves zones that somebody set up by hand (${path} names ${cutText(zone, 100)}), and Mailstead would replace that. Host the zone on another server, or move them away (mv ${path} /root/) and run the job again. Nothing was changed.`,
    { retry: "permanent" },
  );
}

// What Mailstead wrote before its own memory of it was lost.
const noticeStart = "# Written by Mailstead.";

async function foreignSite(host: Host): Promise<string | null> {
  for (const folder of ["/etc/nginx/sites-enabled", "/etc/nginx/conf.d"]) {
    const names = await readdir(host.path(folder)).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
    const site = names.find((name) => name !== "default");
    if (site !== undefined) return `${folder}/${site}`;
  }
  return null;
}

const mailPorts = [25, 465, 587, 143, 993, 4190];
const webPorts = [80, 443];

async function takenPort(host: Host, wanted: readonly number[]): Promise<number | null> {
  for (const table of ["tcp", "tcp6"] as const) {
    const ports = new Set((await readListeningSockets(host, table)).map(({ port }) => port));
    const taken = wanted.find((port) => ports.has(port));
    if (taken !== undefined) return taken;
  }
  return null;
}
