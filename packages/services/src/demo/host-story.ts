import type { HostFacts } from "@mailstead/core/servers";
import type { Chance } from "./chance.ts";
import type { DemoServer } from "./fleet.ts";

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
  { chance, now, isInstalled }: { chance: Chance; now: Date; isInstalled: boolean },
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
    queueSizeMessages: isInstalled ? chance.between(0, 9) : null,
    isRebootRequired: server.name === "harbour-mx2",
  };
}
