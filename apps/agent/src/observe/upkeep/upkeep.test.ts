import { existsSync, mkdtempSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, test } from "vitest";
import type { Host } from "../../platform/host.ts";
import { type FakeHost, type FakeState, openFakeHost } from "../../testing/fake-host.ts";
import { openAptPlan } from "../inventory/apt-plan.ts";
import { readBackups } from "./backups.ts";
import { aheadSecondsOf, isClockSynchronised } from "./clock.ts";
import { parseSshd } from "./ssh-sign-in.ts";
import { openUpkeepWatch } from "./upkeep.ts";

let host: FakeHost;
let ran: string[];
let counted: Host;
beforeEach(() => {
  host = openFakeHost(mkdtempSync(join(tmpdir(), "upkeep-")));
  ran = [];
  counted = {
    ...host,
    run(argv, options) {
      ran.push(argv[0]);
      return host.run(argv, options);
    },
  };
});
afterEach(() => rmSync(host.root, { recursive: true }));

const change = (changed: Partial<FakeState>) =>
  host.write("/fake-state.json", JSON.stringify({ ...host.state(), ...changed }));
function date(path: string, day: string): void {
  if (!existsSync(host.path(path))) host.write(path, "");
  utimesSync(host.path(path), new Date(`${day}T12:00:00Z`), new Date(`${day}T12:00:00Z`));
}
const passwords =
  "port 22\npasswordauthentication yes\npermitrootlogin without-password\nauthenticationmethods any\n";

describe("the clock", () => {
  const monthSeconds = 30 * 86_400;

  it("is told to be alone only when it had time to meet its time server", async () => {
    expect(await isClockSynchronised(host, () => 60)).toBe(true);
    change({ isClockAlone: true });
    expect(await isClockSynchronised(host, () => 60)).toBeNull();
    expect(await isClockSynchronised(host, () => monthSeconds)).toBe(false);
  });

  it("of a container is its machine's matter", async () => {
    change({ isClockAlone: true });
    host.write("/run/systemd/container", "lxc\n");
    expect(await isClockSynchronised(host, () => monthSeconds)).toBeNull();
  });

  test.each([
    [0, 0],
    [-4_900, 0],
    [-90_000, 90],
    [124_000, -120],
  ])("with an offset of %d ms to the gateway's is %d s ahead", (offsetMs, seconds) => {
    expect(aheadSecondsOf(offsetMs)).toBe(seconds);
  });
});

describe("sshd's own words", () => {
  test.each([
    ["passwords for everybody", passwords, { takesPasswords: true, takesPasswordOfRoot: false }],
    [
      "root's too",
      passwords.replace("without-password", "yes"),
      { takesPasswords: true, takesPasswordOfRoot: true },
    ],
    ["keys only", passwords.replace("tion yes", "tion no"), { takesPasswords: false }],
    [
      "passwords that PAM asks for",
      passwords.replace("tion yes", "tion no\nkbdinteractiveauthentication yes\nusepam yes"),
      { takesPasswords: true },
    ],
    [
      "questions with nobody to ask them",
      passwords.replace("tion yes", "tion no\nkbdinteractiveauthentication yes\nusepam no"),
      { takesPasswords: false },
    ],
    ["a key and a password", passwords.replace("any", "publickey,password"), { takesPasswords: false }],
  ])("tell of %s", (_name, text, expected) => {
    expect(parseSshd(text)).toMatchObject({ ports: [22], ...expected });
  });
});

test("the ports of sshd are those at which it listens, which an address of its own may name", () => {
  const text = `${passwords}listenaddress [2001:db8::7]:2222\nlistenaddress 192.0.2.7:2222\n`;
  expect(parseSshd(text).ports).toEqual([2222]);
});

describe("backups", () => {
  it("are unknown until something shows one", async () => {
    expect(await readBackups(host)).toEqual({ kind: "unknown" });
  });

  test.each([
    ["borg", "/root/.config/borg/security/abc/manifest-timestamp"],
    ["restic", "/root/.cache/restic/abc/snapshots/ea"],
    ["duplicity", "/root/.cache/duplicity/abc"],
    ["/etc/mailstead/last-backup", "/etc/mailstead/last-backup"],
  ])("are dated by %s", async (by, path) => {
    date(path, "2026-11-20");
    date("/root/.cache/restic/old/snapshots/00", "2025-01-01");
    expect(await readBackups(host)).toEqual({ kind: "made", by, lastOn: "2026-11-20" });
  });

  it("that the owner makes elsewhere are believed, whatever else is found", async () => {
    date("/etc/mailstead/last-backup", "2025-01-01");
    host.write("/etc/mailstead/backup-elsewhere", "");
    expect(await readBackups(host)).toEqual({ kind: "elsewhere" });
  });
});

describe("the watch", () => {
  const look = (watch: ReturnType<typeof openUpkeepWatch>) => watch.look({ isForced: false });

  it("asks sshd again only when its files have changed", async () => {
    host.write("/etc/ssh/sshd_config", passwords);
    const watch = openUpkeepWatch(counted, { aptPlan: openAptPlan(counted), clockOffsetMs: () => 0 });
    expect(await look(watch)).toMatchObject({ ssh: { takesPasswords: true } });
    await look(watch);
    expect(ran.filter((program) => program === "sshd")).toHaveLength(1);
    host.write("/etc/ssh/sshd_config", "port 22\npasswordauthentication no\n");
    expect(await look(watch)).toMatchObject({ ssh: { takesPasswords: false } });
    host.write("/etc/ssh/sshd_config.d/10.conf", "");
    await look(watch);
    expect(ran.filter((program) => program === "sshd")).toHaveLength(3);
  });

  it("runs no program at a look at which nothing has changed", async () => {
    host.write("/etc/ssh/sshd_config", passwords);
    const watch = openUpkeepWatch(counted, { aptPlan: openAptPlan(counted), clockOffsetMs: () => 0 });
    await look(watch);
    await watch.lookForUpdates();
    ran = [];
    await look(watch);
    expect(await watch.lookForUpdates()).toBe(false);
    expect(ran).toEqual([]);
  });

  it("asks apt again when packages were installed, and tells when it was last asked for updates", async () => {
    change({ aptSimulation: "Inst libssl3 [1] (2 Debian-Security:12/oldstable-security [amd64])\n" });
    host.write("/var/lib/apt/lists/deb_Packages", "");
    date("/var/lib/apt/lists", "2026-11-20");
    host.write("/var/lib/dpkg/status", "");
    const watch = openUpkeepWatch(counted, { aptPlan: openAptPlan(counted), clockOffsetMs: () => 0 });
    expect(await watch.lookForUpdates()).toBe(true);
    expect((await look(watch)).updates).toEqual({
      count: 1,
      securityCount: 1,
      names: ["libssl3"],
      askedOn: "2026-11-20",
    });
    change({ aptSimulation: "" });
    host.write("/var/lib/dpkg/status", "Package: libssl3\n");
    expect(await watch.lookForUpdates()).toBe(true);
    expect((await look(watch)).updates).toMatchObject({ count: 0, securityCount: 0 });
  });

  it("goes on with what is known when a part cannot be looked at", async () => {
    host.write("/etc/ssh/sshd_config", passwords);
    const broken: Host = {
      ...host,
      run: async (argv, options) => {
        if (argv[0] === "timedatectl") throw new Error("no bus");
        return host.run(argv, options);
      },
    };
    const { clock, ssh } = await openUpkeepWatch(broken, {
      aptPlan: openAptPlan(broken),
      clockOffsetMs: () => -90_000,
    }).look({ isForced: false });
    expect(clock).toEqual({ isSynchronised: null, aheadSeconds: 90 });
    expect(ssh).toMatchObject({ takesPasswords: true });
  });
});
