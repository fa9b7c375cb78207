import { mkdirSync, mkdtempSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Inventory, inventorySchema } from "@mailstead/core/updates";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { openAptPlan } from "../observe/inventory/apt-plan.ts";
import type { Host } from "../platform/host.ts";
import { agentPaths } from "../platform/paths.ts";
import { type FakeHost, type FakeState, openFakeHost } from "../testing/fake-host.ts";
import { inventorySource, outdatedAgainMs, tellAgainMs } from "./inventory-source.ts";
import { forgetStored, readFirstBatch, type SpooledBatch } from "./spool.ts";
import { closeStores } from "./store.ts";

const hourMs = 60 * 60_000;
let host: FakeHost;
let watched: Host;
let storePath: string;
/** Programs that were run, each by what it was asked. */
let ran: string[];
let laterMs: number;
let source: ReturnType<typeof open>;
beforeEach(() => {
  host = openFakeHost(mkdtempSync(join(tmpdir(), "inventory-")));
  ran = [];
  laterMs = 0;
  watched = {
    ...host,
    nowUnixMs: () => host.nowUnixMs() + laterMs,
    run(argv, options) {
      ran.push(argv.join(" "));
      return host.run(argv, options);
    },
  };
  mkdirSync(host.path("/var/lib/mailstead"), { recursive: true });
  storePath = host.path(agentPaths.telemetry);
  change({
    installed: [
      "ii \tlibssl3\tamd64\t3.0.20-1\topenssl\t3.0.20-1",
      "hi \topenssl\tamd64\t3.0.20-1\topenssl\t3.0.20-1",
      "ii \tbash\tamd64\t5.2.15-2+b8\tbash\t5.2.15-2",
      "rc \tnano\tamd64\t7.2-1\tnano\t7.2-1",
      "ii \todd\tamd64\tlatest\todd\tlatest",
      "ii \tlinux-image-6.1.0-50-amd64\tamd64\t6.1.180-1\tlinux-signed-amd64\t6.1.180+1",
    ].join("\n"),
    aptSimulation: [
      "Inst bash [5.2.15-2+b8] (5.2.15-2+b13 Debian:12.15/oldstable [amd64])",
      "Inst libssl3 [3.0.20-1] (3.0.22-1 Debian:12.15/oldstable, Debian-Security:12/oldstable-security [amd64])",
      "Inst openssl [3.0.20-1] (3.0.22-1 Debian:12.15/oldstable, Debian-Security:12/oldstable-security [amd64])",
      "Inst linux-image-6.1.0-57-amd64 (6.1.192-3 Debian-Security:12/oldstable-security [amd64])",
    ].join("\n"),
    aptShow:
      "Package: linux-image-6.1.0-57-amd64\nSource: linux-signed-amd64 (6.1.192+3)\nVersion: 6.1.192-3\n",
    changelogs: {
      libssl3:
        "openssl (3.0.22-1) x; urgency=high\n\n  * CVE-2026-84782\n\nopenssl (3.0.20-1) x; urgency=low\n\n  * CVE-2025-1111\n",
      "linux-image-6.1.0-57-amd64": "linux-signed-amd64 (6.1.192+3) x; urgency=medium\n\n  * CVE-2026-5555\n",
    },
  });
  host.write("/proc/sys/kernel/osrelease", "6.1.0-50-amd64\n");
  host.write("/var/lib/dpkg/status", "");
  source = open();
  return () => {
    closeStores();
    rmSync(host.root, { recursive: true });
  };
});

const open = (serverId = "0190b8a0-0000-7000-8000-000000000001") =>
  inventorySource({ host: watched, storePath, aptPlan: openAptPlan(watched), serverId });
const change = (changed: Partial<FakeState>) =>
  host.write("/fake-state.json", JSON.stringify({ ...host.state(), ...changed }));

/** Lets it look to the end, if it does. */
async function settle(): Promise<void> {
  await vi.waitFor(async () => {
    if ((await source.read()).isBusy) throw new Error("It is still looking.");
  });
}

/** What it tells next, which is taken; null where it has nothing to tell. */
async function told(): Promise<(Inventory & { readonly batch: SpooledBatch }) | null> {
  await settle();
  const batch = await readFirstBatch(storePath, "inventory");
  if (batch === null) return null;
  await forgetStored(storePath, { stream: "inventory", ...batch });
  return { ...inventorySchema.parse(batch.batch), batch };
}

function process(id: number, { unit, files }: { unit: string; files: readonly string[] }): void {
  // As on a host with hierarchies of both kinds, of which systemd uses the unified one, or its own.
  host.write(
    `/proc/${id}/cgroup`,
    id % 2 === 0 ? `9:name=systemd:/\n8:pids:/\n0::${unit}\n` : `9:name=systemd:${unit}\n8:pids:/\n0::/\n`,
  );
  host.write(
    `/proc/${id}/maps`,
    files
      .map((file) => `7f3c4a600000-7f3c4a700000 r-xp 00028000 08:01 1835${id}            ${file}\n`)
      .join(""),
  );
}

test("a host tells its packages, what waits with source and CVEs, and its kernel", async () => {
  host.write("/boot/vmlinuz-6.1.0-57-amd64", "");
  host.write("/boot/vmlinuz-6.1.0-50-amd64", "");
  host.write("/run/reboot-required.pkgs", "dbus\ndbus\n");
  host.write("/run/reboot-required", "*** System restart required ***\n");
  const inventory = await told();
  expect(
    inventory?.packages.map(({ name, sourceName, version }) => `${name} ${sourceName} ${version}`),
  ).toEqual([
    "libssl3 openssl 3.0.20-1",
    "openssl openssl 3.0.20-1",
    "bash bash 5.2.15-2+b8",
    "linux-image-6.1.0-50-amd64 linux-signed-amd64 6.1.180-1",
  ]);
  expect(inventory).toMatchObject({
    untoldPackages: 1,
    runningKernel: "6.1.0-50-amd64",
    newestKernel: "6.1.0-57-amd64",
    isRebootRequired: true,
    rebootPackages: ["dbus"],
    outdatedUnits: [],
    cves: { kind: "read" },
    updates: [
      { name: "bash", isSecurity: false, urgency: null, cves: [], origin: "Debian:12.15/oldstable" },
      {
        name: "libssl3",
        from: "3.0.20-1",
        to: "3.0.22-1",
        sourceName: "openssl",
        urgency: "high",
        cves: ["CVE-2026-84782"],
      },
      { name: "openssl", sourceName: "openssl", urgency: "high", cves: ["CVE-2026-84782"] },
      { from: null, sourceName: "linux-signed-amd64", urgency: "medium", cves: ["CVE-2026-5555"] },
    ],
  });
  // One changelog for each source, and none for what was only built once more; nothing stays on disk.
  expect(ran.filter((line) => line.includes(" changelog "))).toEqual([
    expect.stringMatching(/ -- libssl3=3\.0\.22-1 linux-image-6\.1\.0-57-amd64=6\.1\.192-3$/),
  ]);
  expect(host.read(agentPaths.changelogs)).toBeNull();
});

describe("it is told again", () => {
  test("only when something has changed, and until then no program runs", async () => {
    await told();
    ran = [];
    for (let minute = 0; minute < 30; minute += 1) {
      laterMs += 60_000;
      expect(await told()).toBeNull();
    }
    expect(ran).toEqual([]);
    host.write("/var/lib/dpkg/status", "Package: bash\n");
    expect(await told()).toBeNull();
    expect(ran.length).toBeGreaterThan(0);
    change({ installed: "ii \tbash\tamd64\t5.2.15-2+b13\tbash\t5.2.15-2\n", aptSimulation: "" });
    host.write("/var/lib/dpkg/status", "Package: bash\nVersion\n");
    expect(await told()).toMatchObject({ packages: [{ version: "5.2.15-2+b13" }], updates: [] });
  });

  test("in a new epoch, to another server, after an agent was started anew only what is new, and each week", async () => {
    const first = await told();
    source = open();
    expect(await told()).toBeNull();
    // The gateway has stored more than this host knows of: it went back to an earlier state.
    const epoch = first?.batch.epoch ?? "";
    await forgetStored(storePath, { stream: "inventory", epoch, sequence: 9 });
    expect((await told())?.batch.epoch).not.toBe(epoch);
    source = open("0190b8a0-0000-7000-8000-000000000002");
    expect(await told()).not.toBeNull();
    laterMs += tellAgainMs;
    expect(await told()).not.toBeNull();
    expect(await told()).toBeNull();
  });

  test("not while packages are worked on", async () => {
    await told();
    host.write("/var/lib/dpkg/status", "half\n");
    const now = new Date(watched.nowUnixMs());
    utimesSync(host.path("/var/lib/dpkg/status"), now, now);
    ran = [];
    expect(await source.read()).toEqual({ dropped: 0, isBusy: true });
    expect(ran).toEqual([]);
    laterMs += 30_000;
    await settle();
    expect(ran.length).toBeGreaterThan(0);
  });
});

describe("services that still run what was replaced", () => {
  const ssl = "/usr/lib/x86_64-linux-gnu/libssl.so.3";

  test("are told with the files, and gone once they were restarted", async () => {
    process(1, { unit: "/init.scope", files: [`${ssl}`] });
    process(31, {
      unit: "/system.slice/dovecot.service",
      files: [`${ssl} (deleted)`, `${ssl.replace("ssl", "crypto")}.dpkg-tmp (deleted)`],
    });
    process(32, {
      unit: "/system.slice/system-postfix.slice/postfix@-.service",
      files: ["/usr/lib/postfix/sbin/smtpd (deleted)"],
    });
    process(33, {
      unit: "/user.slice/user-1000.slice/user@1000.service/app.slice/x.service",
      files: [`${ssl} (deleted)`],
    });
    expect((await told())?.outdatedUnits).toEqual([
      { unit: "dovecot.service", files: [ssl.replace("ssl", "crypto"), ssl] },
      { unit: "postfix@-.service", files: ["/usr/lib/postfix/sbin/smtpd"] },
      { unit: "user@1000.service", files: [ssl] },
    ]);
    for (const id of [31, 32, 33]) rmSync(host.path(`/proc/${id}`), { recursive: true });
    expect(await told()).toBeNull();
    laterMs += outdatedAgainMs;
    expect((await told())?.outdatedUnits).toEqual([]);
  });

  test("are none where a file was never of a package, is only read, or is a container's", async () => {
    process(1, { unit: "/machine/init.scope", files: [] });
    for (const [id, unit, file] of [
      [31, "/machine/system.slice/a.service", "/memfd:doublemapper (deleted)"],
      [32, "/machine/system.slice/b.service", "/var/lib/app/plugin.so (deleted)"],
      [33, "/machine/system.slice/docker-0123.scope", `${ssl} (deleted)`],
      [34, "/machine/machine.slice/x.service/system.slice/nginx.service", `${ssl} (deleted)`],
      [35, "/elsewhere/system.slice/c.service", `${ssl} (deleted)`],
      [36, "/machine/user.slice/user-0.slice/session-3.scope", `${ssl} (deleted)`],
    ] as const)
      process(id, { unit, files: [file] });
    host.write("/proc/37/cgroup", "0::/machine/system.slice/d.service\n");
    host.write(
      "/proc/37/maps",
      `7f3c4a600000-7f3c4a700000 r--p 00028000 08:01 18350            ${ssl} (deleted)\n`,
    );
    process(38, { unit: "/machine/system.slice/e.service", files: [`${ssl} (deleted)`] });
    expect((await told())?.outdatedUnits).toEqual([{ unit: "e.service", files: [ssl] }]);
  });
});

describe("changelogs", () => {
  test("that nobody answers for are said to be out of reach, and asked for again hours later", async () => {
    const { changelogs } = host.state();
    const { changelogs: _, ...offline } = host.state();
    host.write("/fake-state.json", JSON.stringify(offline));
    expect(await told()).toMatchObject({
      cves: {
        kind: "unreachable",
        sentence:
          "The host does not reach the place where its archives keep changelogs (Could not resolve 'changelogs.example'), so CVEs and urgency are not known. It asks again every six hours.",
      },
      updates: [{}, { cves: [], urgency: null }, {}, {}],
    });
    change({ ...(changelogs && { changelogs }) });
    laterMs += 5 * hourMs;
    expect(await told()).toBeNull();
    laterMs += hourMs;
    expect(await told()).toMatchObject({
      cves: { kind: "read" },
      updates: [{}, { urgency: "high" }, {}, {}],
    });
    ran = [];
    laterMs += 48 * hourMs;
    expect(await told()).toBeNull();
    expect(ran).toEqual([]);
  });

  test("of which one is missing, or is none, leave the others known", async () => {
    const { changelogs = {} } = host.state();
    change({ changelogs: { ...changelogs, "linux-image-6.1.0-57-amd64": "<html>404</html>" } });
    expect(await told()).toMatchObject({
      cves: {
        kind: "partly",
        sentence:
          "The changelogs of 1 of 2 sources that wait have not been read, so their CVEs and urgency are not known.",
      },
      updates: [{}, { cves: ["CVE-2026-84782"] }, {}, { cves: [], urgency: null }],
    });
  });

  test("are asked for a few at a time, until all are read", async () => {
    const names = Array.from({ length: 45 }, (_, place) => `p${place}`);
    change({
      installed: names.map((name) => `ii \t${name}\tamd64\t1-1\t${name}\t1-1\n`).join(""),
      aptSimulation: names
        .map((name) => `Inst ${name} [1-1] (2-1 Debian:12.15/oldstable [amd64])\n`)
        .join(""),
      changelogs: Object.fromEntries(names.map((name) => [name, `${name} (2-1) x; urgency=low\n`])),
    });
    const readings: string[] = [];
    for (let minute = 0; minute < 15; minute += 1) {
      const inventory = await told();
      if (inventory !== null)
        readings.push(
          `${inventory.cves.kind} ${inventory.updates?.filter(({ urgency }) => urgency !== null).length}`,
        );
      laterMs += 60_000;
    }
    expect(readings).toEqual(["partly 20", "partly 40", "read 45"]);
  });
});

test("where dpkg or apt cannot say, what is known is told, and tried again later", async () => {
  change({ aptSimulation: "" });
  const real = watched.run;
  let isBroken = true;
  watched.run = async (argv, options) => {
    const result = await real(argv, options);
    return isBroken && argv.includes("dist-upgrade") ? { ...result, exitCode: 100 } : result;
  };
  expect(await told()).toMatchObject({ updates: null, packages: [{}, {}, {}, {}] });
  isBroken = false;
  expect(await told()).toBeNull();
  laterMs += outdatedAgainMs;
  expect(await told()).toMatchObject({ updates: [] });
  isBroken = true;
  watched.run = async (argv, options) => {
    const result = await real(argv, options);
    return argv[0] === "dpkg-query" && isBroken ? { ...result, exitCode: 2, stderr: "locked" } : result;
  };
  host.write("/var/lib/dpkg/status", "changed\n");
  expect(await told()).toBeNull();
  const runs = ran.length;
  expect(await told()).toBeNull();
  expect(ran).toHaveLength(runs);
  isBroken = false;
  change({ aptSimulation: "Inst bash [5.2.15-2+b8] (5.2.15-2+b13 Debian:12.15/oldstable [amd64])\n" });
  laterMs += outdatedAgainMs;
  expect(await told()).toMatchObject({ updates: [{ name: "bash" }] });
});
