import type { Inventory, WaitingUpdate } from "@mailstead/core/updates";
import { storeTelemetry } from "../telemetry/index.ts";
import { epochOf } from "./delivery-story.ts";
import type { DemoServer } from "./fleet.ts";
import type { DemoStage } from "./tell-server.ts";

/** Each a name and a version, and after them the source where it has another name. */
const packages = {
  bookworm: `adduser 3.134
    apt 2.6.1
    base-files 12.4+deb12u14
    bash 5.2.15-2+b13
    ca-certificates 20230311+deb12u1
    dovecot-core 1:2.3.19.1+dfsg1-2.1+deb12u1 dovecot
    dovecot-imapd 1:2.3.19.1+dfsg1-2.1+deb12u1 dovecot
    dovecot-lmtpd 1:2.3.19.1+dfsg1-2.1+deb12u1 dovecot
    fail2ban 1.0.2-2
    libc6 2.36-9+deb12u13 glibc
    libgnutls30 3.7.9-2+deb12u7 gnutls28
    libssl3 3.0.22-1~deb12u2 openssl
    linux-image-6.1.0-40-amd64 6.1.153-1 linux-signed-amd64
    nginx 1.22.1-9+deb12u9
    openssh-server 1:9.2p1-2+deb12u10 openssh
    openssl 3.0.22-1~deb12u2
    postfix 3.7.11-0+deb12u1
    redis-server 5:7.0.15-1~deb12u10 redis
    rspamd 3.4-1
    systemd 252.39-1~deb12u2
    tzdata 2026f-0+deb12u1
    unbound 1.17.1-2+deb12u5`,
  trixie: `adduser 3.152
    apt 3.0.4
    base-files 13.8+deb13u8
    bash 5.2.37-2+b10 bash
    ca-certificates 20250419
    dovecot-core 1:2.4.1+dfsg1-6+deb13u2 dovecot
    dovecot-imapd 1:2.4.1+dfsg1-6+deb13u2 dovecot
    dovecot-lmtpd 1:2.4.1+dfsg1-6+deb13u2 dovecot
    fail2ban 1.1.0-8
    libc6 2.41-12+deb13u5 glibc
    libgnutls30t64 3.8.9-3+deb13u4 gnutls28
    libssl3t64 3.5.9-1~deb13u1 openssl
    linux-image-6.12.57+deb13-amd64 6.12.57-1 linux-signed-amd64
    nginx 1.26.3-3+deb13u2
    openssh-server 1:10.0p1-7+deb13u4 openssh
    openssl 3.5.9-1~deb13u1
    postfix 3.10.5-1+deb13u1
    redis-server 5:8.0.2-3+deb13u3 redis
    rspamd 3.12.1-1
    systemd 257.13-1~deb13u1
    tzdata 2026f-0+deb13u1
    unbound 1.22.0-2+deb13u3`,
} as const;

const opensslCves = [
  "CVE-2026-35189",
  "CVE-2026-54872",
  "CVE-2026-75805",
  "CVE-2026-75806",
  "CVE-2026-84782",
];

/** What an older server of Debian 12 still has in place of the above. */
const oldVersions: Readonly<Record<string, string>> = {
  libssl3: "3.0.20-1~deb12u2",
  openssl: "3.0.20-1~deb12u2",
  "base-files": "12.4+deb12u13",
  bash: "5.2.15-2+b8",
  tzdata: "2026e-0+deb12u1",
  systemd: "252.38-1~deb12u1",
};

/** What makes a server one that somebody is to see to; all else is as Debian has it. */
const stories: Readonly<
  Record<
    string,
    {
      hasOldPackages?: true;
      newestKernel?: string;
      outdatedUnits?: Inventory["outdatedUnits"];
      cves?: Inventory["cves"];
    }
  >
> = {
  "harbour-mx2": { hasOldPackages: true, newestKernel: "6.1.0-57-amd64" },
  "harbour-cork": {
    hasOldPackages: true,
    cves: {
      kind: "unreachable",
      sentence:
        "The host does not reach the place where its archives keep changelogs (Could not connect to the proxy), so CVEs and urgency are not known. It asks again every six hours.",
    },
  },
  "nordlicht-archive": {
    hasOldPackages: true,
    outdatedUnits: [
      {
        unit: "dovecot.service",
        files: ["/usr/lib/x86_64-linux-gnu/libcrypto.so.3", "/usr/lib/x86_64-linux-gnu/libssl.so.3"],
      },
    ],
  },
};

/** What waits on a server of the demo, security first. */
export function demoUpdates(server: Pick<DemoServer, "name" | "suite">): readonly WaitingUpdate[] {
  const story = stories[server.name];
  if (story?.hasOldPackages === undefined) return [];
  const isRead = story.cves === undefined;
  return readPackages(server.suite)
    .flatMap(({ name, architecture, version, sourceName }): WaitingUpdate[] => {
      const from = oldVersions[name];
      if (from === undefined) return [];
      const isSecurity = sourceName === "openssl";
      return [
        {
          name,
          architecture,
          from,
          to: version,
          origin: isSecurity ? "Debian-Security:12/oldstable-security" : "Debian:12.15/oldstable",
          isSecurity,
          urgency: !isRead || sourceName === "bash" ? null : isSecurity ? "high" : "medium",
          cves: isRead && isSecurity ? opensslCves : [],
          sourceName,
        },
      ];
    })
    .sort((left, right) => Number(right.isSecurity) - Number(left.isSecurity));
}

/** Tells what software a server has, as its agent would. */
export async function tellInventory(
  stage: DemoStage,
  { serverId, demo, kernel }: { serverId: string; demo: DemoServer; kernel: string },
): Promise<void> {
  await storeTelemetry(stage.system, {
    serverId,
    stream: "inventory",
    epoch: epochOf(demo.hostname),
    sequence: 1,
    batch: inventoryOf(demo, kernel, stage.clock.now),
  });
}

function inventoryOf(demo: DemoServer, runningKernel: string, at: Date): Inventory {
  const updates = demoUpdates(demo);
  const old = new Map(updates.map(({ name, from }) => [name, from]));
  const {
    newestKernel = runningKernel,
    outdatedUnits = [],
    cves = { kind: "read" },
  } = stories[demo.name] ?? {};
  return {
    at: at.getTime() - 7 * 60_000,
    packages: readPackages(demo.suite).map((one) => {
      const version = old.get(one.name) ?? one.version;
      return { ...one, version, sourceVersion: version.replace(/\+b\d+$/, "") };
    }),
    untoldPackages: 0,
    updates: [...updates],
    runningKernel,
    newestKernel,
    isRebootRequired: newestKernel !== runningKernel,
    rebootPackages: newestKernel === runningKernel ? [] : [`linux-image-${newestKernel}`],
    outdatedUnits,
    agentVersion: "0.1.0",
    cves,
  };
}

function readPackages(suite: DemoServer["suite"]): Inventory["packages"] {
  return packages[suite].split("\n").map((line) => {
    const [name = "", version = "", sourceName = name] = line.trim().split(" ");
    return { name, architecture: "amd64", version, sourceName, sourceVersion: version };
  });
}
