import { readdir, readlink } from "node:fs/promises";
import { resolverAddress, resolverUnit, stackPaths } from "@mailstead/core/mail-flow";
import { cutText } from "@mailstead/core/text";
import { readAppliedDigests } from "../apply/applied-digests.ts";
import { JobFailure } from "../jobs/job-failure.ts";
import { type ListeningSocket, readListeningSockets } from "../observe/listening-sockets.ts";
import { readUnits } from "../observe/units.ts";
import { readTextIfExists } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";
import type { PlannedTarget } from "./plan-target.ts";

const dnsPort = 53;
const everyIpv4 = "00000000";
const everyIpv6 = "0".repeat(32);

/**
 * Refuses a host on which another program holds port 53 where the mail server's own resolver has to listen: the
 * resolver could not start, and Postfix would find nobody. One that keeps to other addresses of loopback, as
 * systemd-resolved and BIND do, is in nobody's way. Throws JobFailure.
 */
export async function requireRoomForResolver(host: Host, { plan }: PlannedTarget): Promise<void> {
  if (!plan.steps.some((step) => step.kind === "apply-files" && step.service === "resolver")) return;
  if ((await readAppliedDigests(host))[stackPaths.resolverConf] !== undefined) return;
  const taken = await socketInTheWay(host);
  // Where the memory of what was applied was lost, the one that listens may be our own.
  if (taken === null || (await readUnits(host, [resolverUnit]))[resolverUnit]?.isActive === true) return;
  const program = await programOf(host, taken.socket.inode);
  throw new JobFailure(
    `${program ?? "Another program"} holds port ${dnsPort} on ${taken.where} of this host, so the mail server's own DNS resolver cannot start on ${resolverAddress} (ss -lntup shows what listens). Have it listen on its own addresses only (dnsmasq: bind-interfaces; others: the address of the network that they serve), or stop it, and run the job again. Nothing was changed.`,
    { retry: "permanent" },
  );
}

async function socketInTheWay(host: Host): Promise<{ socket: ListeningSocket; where: string } | null> {
  const own = hexOfIpv4(resolverAddress);
  for (const [table, table6] of [
    ["udp", "udp6"],
    ["tcp", "tcp6"],
  ] as const) {
    const ipv4 = (await readListeningSockets(host, table)).filter(({ port }) => port === dnsPort);
    const ipv6 = (await readListeningSockets(host, table6)).filter(({ port }) => port === dnsPort);
    const here = ipv4.find(({ hexAddress }) => hexAddress === own);
    if (here !== undefined) return { socket: here, where: resolverAddress };
    // One on every IPv6 address takes IPv4 too, unless its program has another socket for that.
    const every =
      ipv4.find(({ hexAddress }) => hexAddress === everyIpv4) ??
      (ipv4.length === 0 ? ipv6.find(({ hexAddress }) => hexAddress === everyIpv6) : undefined);
    if (every !== undefined) return { socket: every, where: "every address" };
  }
  return null;
}

/** As /proc/net shows it: the bytes of the network's order in a word of the host's, which is little-endian on both of ours. */
function hexOfIpv4(address: string): string {
  return address
    .split(".")
    .reverse()
    .map((part) => Number(part).toString(16).padStart(2, "0").toUpperCase())
    .join("");
}

/** Name of the program that has a socket open; null when none can be found. */
async function programOf(host: Host, inode: string): Promise<string | null> {
  for (const processId of (await namesIn(host.path("/proc"))).filter((name) => /^\d+$/.test(name)))
    for (const descriptor of await namesIn(host.path(`/proc/${processId}/fd`))) {
      const target = await readlink(host.path(`/proc/${processId}/fd/${descriptor}`)).catch(() => "");
      if (target !== `socket:[${inode}]`) continue;
      const name = ((await readTextIfExists(host.path(`/proc/${processId}/comm`))) ?? "").trim();
      return name === "" ? null : cutText(name, 50);
    }
  return null;
}

/** Processes come and go, and some show nobody what they have open. */
async function namesIn(folder: string): Promise<string[]> {
  return await readdir(folder).catch(() => []);
}
