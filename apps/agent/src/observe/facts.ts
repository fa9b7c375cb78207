import { statfs } from "node:fs/promises";
import { cpus, freemem, release, totalmem, uptime } from "node:os";
import {
  type HostFacts,
  type HostUpkeep,
  judgeHostConditions,
  type ServiceState,
} from "@mailstead/core/servers";
import { agentVersion } from "../env.ts";
import { pathExists, readTextIfExists } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";
import type { HostKind } from "../platform/host-check.ts";
import { readListeners } from "./listening-sockets.ts";
import { readMailQueue } from "./mail-queue.ts";
import { ownAddresses } from "./own-addresses.ts";
import { readPackages } from "./packages.ts";
import { readSigningKeysGone } from "./signing-keys.ts";
import { readUnits } from "./units.ts";

export interface FactsInput {
  host: Host;
  kind: HostKind;
  bootId: string;
  /** Units and packages of the stack; empty before the first converge. */
  units: readonly string[];
  packages: readonly string[];
  canReachPort25: boolean | null;
  hasValidatedDns: boolean | null;
  upkeep: HostUpkeep | null;
}

/** What the host is and how it does. */
export async function readFacts(input: FactsInput): Promise<HostFacts> {
  const { host, kind } = input;
  const [services, packages, disk, queue, memory, hostname, isRebootRequired, listeners, gone] =
    await Promise.all([
      readServices(host, input.units),
      readPackages(host, input.packages),
      statfs(host.path("/")),
      readMailQueue(host),
      readTextIfExists(host.path("/proc/meminfo")),
      readTextIfExists(host.path("/proc/sys/kernel/hostname")),
      pathExists(host.path("/run/reboot-required")),
      readListeners(host),
      readSigningKeysGone(host),
    ]);
  return {
    suite: kind.suite,
    osName: kind.osName,
    kernel: release(),
    architecture: kind.architecture,
    hostname: (hostname ?? "").trim(),
    agentVersion,
    bootId: input.bootId,
    // Whole minutes, because the kernel's clock and ours differ by a little each time.
    bootedAtUnixMs: Math.round((host.nowUnixMs() - uptime() * 1000) / 60_000) * 60_000,
    memoryTotalBytes: totalmem(),
    memoryAvailableBytes: availableMemory(memory ?? "") ?? freemem(),
    diskTotalBytes: disk.blocks * disk.bsize,
    diskFreeBytes: disk.bavail * disk.bsize,
    cpuCount: cpus().length,
    ipAddresses: ownAddresses(),
    canReachPort25: input.canReachPort25,
    hasValidatedDns: input.hasValidatedDns,
    services,
    packages,
    ...queue,
    isRebootRequired,
    dkimKeysGone: gone,
    upkeep: input.upkeep,
    listeners,
  };
}

async function readServices(host: Host, units: readonly string[]): Promise<ServiceState[]> {
  const states = await readUnits(host, units);
  return units.map((unit) => {
    const state = states[unit];
    const kind = state?.isActive
      ? "running"
      : state?.isFailed
        ? "failed"
        : state?.isKnown
          ? "stopped"
          : "not-installed";
    return { unit, state: kind, sinceUnixMs: state?.sinceUnixMs ?? null };
  });
}

function availableMemory(meminfo: string): number | null {
  const kilobytes = /^MemAvailable:\s+(\d+) kB/m.exec(meminfo)?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}

// Free memory and disk move all the time; a change is told when it is worth a look. So does the head of the queue.
const noiseBytes = 64 * 1_048_576;
const noiseQueueMs = 30 * 60_000;

/** What somebody is to see to; of a small host it can change by less than the noise of a large one. */
function conditionsOf(host: HostFacts): string {
  return JSON.stringify(judgeHostConditions({ host, hasRelayForAll: false, isInstalled: true }));
}

/** Whether more or less waits for some receiver, by a quarter or more. */
function hasWaitingMoved(before: HostFacts["queueWaiting"], after: HostFacts["queueWaiting"]): boolean {
  const countOf = (all: HostFacts["queueWaiting"], provider: string) =>
    all.find((one) => one.provider === provider)?.messages ?? 0;
  return [...before, ...after].some(({ provider }) => {
    const [was, is] = [countOf(before, provider), countOf(after, provider)];
    return Math.abs(was - is) * 4 > Math.max(was, is);
  });
}

/** True when the facts differ in more than the noise of a living host. */
export function haveFactsChanged(before: HostFacts | null, after: HostFacts): boolean {
  if (before === null) return true;
  const steady = (facts: HostFacts) =>
    JSON.stringify({
      ...facts,
      memoryAvailableBytes: 0,
      diskFreeBytes: 0,
      bootedAtUnixMs: 0,
      queueOldestAtUnixMs: 0,
      queueWaiting: [],
    });
  const hasQueueMoved =
    (before.queueOldestAtUnixMs === null) !== (after.queueOldestAtUnixMs === null) ||
    Math.abs((before.queueOldestAtUnixMs ?? 0) - (after.queueOldestAtUnixMs ?? 0)) > noiseQueueMs;
  return (
    steady(before) !== steady(after) ||
    hasQueueMoved ||
    hasWaitingMoved(before.queueWaiting, after.queueWaiting) ||
    conditionsOf(before) !== conditionsOf(after) ||
    Math.abs(before.memoryAvailableBytes - after.memoryAvailableBytes) > noiseBytes ||
    Math.abs(before.diskFreeBytes - after.diskFreeBytes) > noiseBytes
  );
}
