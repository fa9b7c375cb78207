import type { HostFacts } from "@mailstead/core/servers";

/** What a healthy Debian 13 host tells about itself. */
export function testFacts(changed: Partial<HostFacts> = {}): HostFacts {
  return {
    suite: "trixie",
    osName: "Debian GNU/Linux 13 (trixie)",
    kernel: "6.12.0",
    architecture: "x64",
    hostname: "mail1",
    agentVersion: "0.1.0",
    bootId: "boot",
    bootedAtUnixMs: 1_760_000_000_000,
    memoryTotalBytes: 2_000_000_000,
    memoryAvailableBytes: 1_000_000_000,
    diskTotalBytes: 40_000_000_000,
    diskFreeBytes: 30_000_000_000,
    cpuCount: 2,
    ipAddresses: ["198.51.100.11"],
    canReachPort25: true,
    hasValidatedDns: true,
    services: [{ unit: "postfix.service", state: "running", sinceUnixMs: 1_760_000_000_000 }],
    packages: { postfix: "3.10.5-1+deb13u1" },
    queueSizeMessages: 3,
    queueOldestAtUnixMs: null,
    queueLateMessages: 0,
    queueUntakenMessages: 0,
    queueWaiting: [],
    isRebootRequired: false,
    dkimKeysGone: [],
    upkeep: null,
    listeners: null,
    ...changed,
  };
}
