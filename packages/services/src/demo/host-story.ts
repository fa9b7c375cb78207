import type { HostFacts, HostUpkeep } from "@mailstead/core/servers";
import type { Chance } from "./chance.ts";
import type { DemoServer } from "./fleet.ts";
import { demoUpdates } from "./inventory-story.ts";

const versions = {
  trixie: {
    osName: "Debian GNU/Linux 13 (trixie)",
    kernel: "6.12.57+deb13-amd64",
    packages: { postfix: "3.10.5-1+deb13u1", "dovecot-core": "1:2.4.1+dfsg1-6+deb13u2", rspamd: "3.12.1-1" },
    postfixUnit: "postfix.service",
  },
  bookworm: {
    osName: "Debian GNU/Linux 12 (bookworm)",
    kernel: "6.1.0-40-amd64",
    packages: {
      postfix: "3.7.11-0+deb12u1",
      "dovecot-core": "1:2.3.19.1+dfsg1-2.1+deb12u1",
      rspamd: "3.4-1",
    },
    postfixUnit: "postfix@-.service",
  },
} as const;

/** What a server of the demo tells about its host. */
export function demoFacts(
  server: DemoServer,
  {
    chance,
    now,
    isInstalled,
    dkimKeysGone = [],
  }: {
    chance: Chance;
    now: Date;
    isInstalled: boolean;
    dkimKeysGone?: string[];
  },
): HostFacts {
  const { osName, kernel, packages, postfixUnit } = versions[server.suite];
  const memoryTotalBytes = chance.pick([2, 4, 8]) * 1024 ** 3;
  const diskTotalBytes = chance.pick([40, 80, 160]) * 1024 ** 3;
  const bootedAtUnixMs = now.getTime() - chance.between(2, 60) * 86_400_000;
  const units = [
    postfixUnit,
    "dovecot.service",
    "rspamd.service",
    "redis-server.service",
    "fail2ban.service",
    "nginx.service",
  ];
  return {
    suite: server.suite,
    osName,
    kernel,
    architecture: "x64",
    hostname: server.hostname,
    agentVersion: "0.1.0",
    bootId: `demo-${server.name}`,
    bootedAtUnixMs,
    memoryTotalBytes,
    memoryAvailableBytes: Math.round(memoryTotalBytes * (chance.between(35, 70) / 100)),
    diskTotalBytes,
    diskFreeBytes: Math.round(diskTotalBytes * (chance.between(30, 80) / 100)),
    cpuCount: chance.pick([1, 2, 4]),
    ipAddresses: [...server.ipAddresses],
    canReachPort25: true,
    hasValidatedDns: true,
    services: units.map((unit) => ({
      unit,
      state: !isInstalled
        ? ("not-installed" as const)
        : server.state === "service-down" && unit === "rspamd.service"
          ? ("failed" as const)
          : ("running" as const),
      sinceUnixMs: isInstalled ? bootedAtUnixMs + 20_000 : null,
    })),
    packages: isInstalled ? { ...packages } : {},
    ...demoQueue({ chance, now, isInstalled }),
    dkimKeysGone,
    isRebootRequired: server.name === "harbour-mx2",
    upkeep: demoUpkeep(server, now),
    listeners: { ipv4: isInstalled ? mailListeners : [22], ipv6: isInstalled ? mailListeners : [22] },
  };
}

const mailListeners = [22, 25, 80, 443, 465, 587, 993, 4190];

function demoQueue({ chance, now, isInstalled }: { chance: Chance; now: Date; isInstalled: boolean }) {
  const size = isInstalled ? chance.between(0, 9) : null;
  return {
    queueSizeMessages: size,
    // A few addresses that nobody answers for keep some messages back on every server.
    queueOldestAtUnixMs: (size ?? 0) === 0 ? null : now.getTime() - (size ?? 0) * 2 * 3_600_000 - 17 * 60_000,
    queueLateMessages: size === null ? null : Math.max(0, size - 3),
    queueUntakenMessages: isInstalled ? 0 : null,
    queueWaiting: [],
  };
}

/** What nobody has seen to yet; all else is in order. */
const neglected: Readonly<Record<string, { ssh?: true; lastBackupDays?: number }>> = {
  "nordlicht-archive": { ssh: true, lastBackupDays: 12 },
};

function demoUpkeep(server: DemoServer, now: Date): HostUpkeep {
  const { name } = server;
  const updates = demoUpdates(server);
  const dayAgo = (days: number) => new Date(now.getTime() - days * 86_400_000).toISOString().slice(0, 10);
  return {
    clock: { isSynchronised: true, aheadSeconds: 0 },
    updates: {
      count: updates.length,
      securityCount: updates.filter(({ isSecurity }) => isSecurity).length,
      names: updates.map((update) => update.name),
      askedOn: dayAgo(0),
    },
    ssh: {
      ports: [22],
      takesPasswords: neglected[name]?.ssh ?? false,
      takesPasswordOfRoot: false,
    },
    backup: { kind: "made", by: "borg", lastOn: dayAgo(neglected[name]?.lastBackupDays ?? 1) },
  };
}
