import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ExactPackage, updateResultSchema } from "@mailstead/core/updates";
import { afterEach, beforeEach, describe, expect, it, test } from "vitest";
import type { Argv, Host } from "../platform/host.ts";
import { type FakeHost, openFakeHost } from "../testing/fake-host.ts";
import { type FakeDeb, type FakeDebs, keptOn } from "../testing/fake-packages.ts";
import { type DoneJob, type JobDesk, openJobDesk } from "../testing/job-desk.ts";

const dovecotOld: FakeDeb = {
  name: "dovecot-core",
  architecture: "amd64",
  version: "1:2.3.19-1",
  unit: "dovecot.service",
};
const dovecotNew: FakeDeb = { ...dovecotOld, version: "1:2.3.19-2" };
const tzOld: FakeDeb = { name: "tzdata", architecture: "all", version: "2025a-1" };
const tzNew: FakeDeb = { ...tzOld, version: "2025b-1" };

let host: FakeHost;
let desk: JobDesk;
let ran: string[];
beforeEach(() => {
  host = openFakeHost(mkdtempSync(join(tmpdir(), "updates-")));
  ran = [];
  const watched: Host = {
    ...host,
    run(argv, options) {
      ran.push(sortOf(argv));
      return host.run(argv, options);
    },
  };
  desk = openJobDesk(watched);
  layOut({ installed: [dovecotOld, tzOld], mirror: [dovecotOld, tzOld, dovecotNew, tzNew] });
  mkdirSync(host.path("/proc/self/ns"), { recursive: true });
  symlinkSync("pid:[1]", host.path("/proc/self/ns/pid"));
});
afterEach(() => {
  desk.close();
  rmSync(host.root, { recursive: true });
});

function layOut({ installed, mirror }: { installed: FakeDeb[]; mirror: FakeDeb[] }): void {
  const debs: FakeDebs = {
    installed: Object.fromEntries(
      installed.map((deb) => [`${deb.name}:${deb.architecture}`, { ...deb, status: "ii ", sizeKib: 1000 }]),
    ),
    mirror,
    automatic: ["tzdata"],
  };
  const unit = { isActive: true, isEnabled: true, starts: 1, reloads: 0 };
  const units = { "dovecot.service": unit, "postfix@-.service": unit };
  host.write("/fake-state.json", JSON.stringify({ ...host.state(), debs, units }));
}
function changeDebs(edit: (debs: FakeDebs) => void): void {
  const state = host.state();
  if (state.debs !== undefined) edit(state.debs);
  host.write("/fake-state.json", JSON.stringify(state));
}

/** What changes a host, in few words. */
function sortOf(argv: Argv): string {
  const named = argv[0] === "systemd-run" ? argv.slice(argv.indexOf("--") + 1) : [...argv];
  const words = named.filter((word) => !/^--(quiet|assume|no-install|option|name)/.test(word));
  return words.slice(0, 3).join(" ");
}
const order = (...debs: FakeDeb[]): { packages: ExactPackage[] } => ({
  packages: debs.map(({ name, architecture, version }) => ({
    name,
    architecture: architecture as "amd64",
    version,
  })),
});
const install = (...debs: FakeDeb[]) => desk.run("install-updates", order(...debs));
const rollBack = (...debs: FakeDeb[]) => desk.run("roll-back-updates", order(...debs));
const versions = () =>
  Object.fromEntries(
    Object.values(host.state().debs?.installed ?? {}).map(({ name, version, status }) => [
      name,
      `${status.trim()} ${version}`,
    ]),
  );
const isRunning = (unit: string) => host.state().units[unit]?.isActive;

function resultOf({ outcome, said }: DoneJob) {
  if (outcome.kind !== "succeeded") throw new Error(`${JSON.stringify(outcome)}\n${said}`);
  return updateResultSchema.parse(outcome.result);
}
function problemOf({ outcome }: DoneJob): string {
  if (outcome.kind !== "failed") throw new Error(JSON.stringify(outcome));
  return `${outcome.retry}: ${outcome.problem}`;
}

describe("an order to install updates", () => {
  it("brings what it names to these versions, keeps what was there, and tells both", async () => {
    const result = resultOf(await install(dovecotNew, tzNew));
    expect(result).toMatchObject({
      changes: [
        { name: "dovecot-core", architecture: "amd64", from: "1:2.3.19-1", to: "1:2.3.19-2" },
        { name: "tzdata", architecture: "all", from: "2025a-1", to: "2025b-1" },
      ],
      keptConffiles: [],
      withoutWayBack: [],
      outdatedUnits: [],
      isRebootRequired: false,
    });
    expect(versions()).toEqual({ "dovecot-core": "ii 1:2.3.19-2", tzdata: "ii 2025b-1" });
    expect(keptOn(host)).toEqual([
      "dovecot-core_1%3a2.3.19-1_amd64.deb",
      "dovecot-core_1%3a2.3.19-2_amd64.deb",
      "tzdata_2025a-1_all.deb",
      "tzdata_2025b-1_all.deb",
    ]);
  });

  it("asks apt first, keeps the way back, and only then fetches and installs", async () => {
    const { events } = await install(dovecotNew);
    const steps = events.flatMap((body) =>
      body.kind === "step-ended" ? [`${body.stepId} ${body.outcome}`] : [],
    );
    expect(steps).toEqual(["ask changed", "keep changed", "install changed", "restart changed"]);
    const changing = ran.filter((words) => /^apt-get/.test(words));
    expect(changing).toEqual([
      "apt-get update",
      "apt-get --simulate install",
      "apt-get download dovecot-core:amd64=1:2.3.19-1",
      "apt-get install --no-remove",
    ]);
  });

  it("leaves what is there already or newer as it is, says so, and can be repeated", async () => {
    await install(dovecotNew);
    const runs = host.state().packageRuns;
    const again = await install(dovecotNew);
    expect(resultOf(again).changes).toEqual([]);
    expect(again.said).toContain("There already: dovecot-core 1:2.3.19-2.");
    const older = await install(dovecotOld);
    expect(resultOf(older).changes).toEqual([]);
    expect(older.said).toContain("dovecot-core is at 1:2.3.19-2 already, which is newer than 1:2.3.19-1.");
    expect(host.state().packageRuns).toBe(runs);
  });

  it("leaves what apt may remove some day so, and takes a new dependency for such", async () => {
    const newDependency: FakeDeb = { name: "libnew1", architecture: "amd64", version: "1.0-1" };
    changeDebs((debs) => {
      debs.mirror = [...debs.mirror, newDependency];
    });
    const result = resultOf(await install(tzNew, dovecotNew, newDependency));
    expect(result.changes).toContainEqual({
      name: "libnew1",
      architecture: "amd64",
      from: null,
      to: "1.0-1",
    });
    expect(host.state().debs?.automatic.sort()).toEqual(["libnew1", "tzdata"]);
  });

  test.each<{ what: string; mirror: FakeDeb; says: RegExp }>([
    {
      what: "apt would remove a package",
      mirror: { ...dovecotNew, removes: ["exim4"] },
      says: /^permanent: On this host apt would remove exim4 1\.0-1 for these versions, which the order does not name\. Nothing was changed\.$/,
    },
    {
      what: "apt would bring a package along",
      mirror: { ...dovecotNew, brings: ["libssl3 3.0.17-1"] },
      says: /^permanent: On this host apt would also install libssl3 3\.0\.17-1 for these versions, which the order does not name\. Nothing was changed\.$/,
    },
    {
      what: "the mirror has gone on to another version",
      mirror: { ...dovecotNew, version: "1:2.3.19-3" },
      says: /^permanent: The mirror no longer has dovecot-core 1:2\.3\.19-2; start a new rollout\. Nothing was changed\.$/,
    },
  ])("is refused before anything changes when $what", async ({ mirror, says }) => {
    changeDebs((debs) => {
      debs.mirror = [mirror];
    });
    expect(problemOf(await install(dovecotNew))).toMatch(says);
    expect(versions()).toEqual({ "dovecot-core": "ii 1:2.3.19-1", tzdata: "ii 2025a-1" });
    expect(host.state().packageRuns).toBe(0);
  });

  it("is refused for a package that the host's owner holds", async () => {
    changeDebs((debs) => {
      for (const deb of Object.values(debs.installed)) if (deb.name === "dovecot-core") deb.status = "hi ";
    });
    expect(problemOf(await install(dovecotNew))).toMatch(
      /^permanent: The owner of this host holds dovecot-core at 1:2\.3\.19-1\. .*apt-mark unhold dovecot-core/,
    );
    expect(host.state().packageRuns).toBe(0);
  });

  it("waits for another time while the disk has too little room, and says how much is missing", async () => {
    host.write("/fake-state.json", JSON.stringify({ ...host.state(), freeBytes: 50 * 1024 ** 2 }));
    expect(problemOf(await install(dovecotNew))).toMatch(
      /^temporary: The disk of this host has too little room at \/\S*: 50 MiB are free and the packages need about \d+ MiB, so \d+ MiB are missing\./,
    );
    expect(host.state().packageRuns).toBe(0);
  });

  it("fetches the lists once more when they do not know a version that the mirror has", async () => {
    host.write("/var/lib/apt/lists/deb_Packages", "");
    changeDebs((debs) => {
      debs.lists = [dovecotOld];
    });
    expect(resultOf(await install(dovecotNew)).changes).toHaveLength(1);
  });

  it("tells what it could keep nowhere", async () => {
    changeDebs((debs) => {
      debs.mirror = [dovecotNew, tzNew];
    });
    host.write("/var/cache/apt/archives/tzdata_2025a-1_all.deb", JSON.stringify(tzOld));
    const done = await install(dovecotNew, tzNew);
    expect(resultOf(done).withoutWayBack).toEqual(["dovecot-core"]);
    expect(done.said).toContain("no way leads back to it: dovecot-core 1:2.3.19-1.");
  });

  it("keeps no file that holds another package than its name says", async () => {
    changeDebs((debs) => {
      debs.mirror = [tzNew];
    });
    host.write("/var/cache/apt/archives/tzdata_2025a-1_all.deb", JSON.stringify(dovecotOld));
    expect(resultOf(await install(tzNew)).withoutWayBack).toEqual(["tzdata"]);
    expect(keptOn(host)).toEqual(["tzdata_2025b-1_all.deb"]);
  });

  it("forgets older versions than the one before", async () => {
    await install(dovecotNew);
    const third = { ...dovecotNew, version: "1:2.3.19-3" };
    changeDebs((debs) => {
      debs.mirror = [third];
    });
    await install(third);
    expect(keptOn(host)).toEqual([
      "dovecot-core_1%3a2.3.19-2_amd64.deb",
      "dovecot-core_1%3a2.3.19-3_amd64.deb",
    ]);
  });

  it("leaves the owner's conffile, and tells how the package's differs", async () => {
    const path = "/etc/dovecot/conf.d/10-mail.conf";
    host.write(path, "mail_debug = yes\n");
    const conffile = { path, text: "mail_debug = no\n" };
    changeDebs((debs) => {
      debs.mirror = [{ ...dovecotNew, conffile }];
    });
    expect(resultOf(await install(dovecotNew)).keptConffiles).toEqual([
      { path, diff: expect.stringContaining("-mail_debug = yes\n+mail_debug = no\n") },
    ]);
    expect(host.read(path)).toBe("mail_debug = yes\n");
  });

  it("tells a conffile that not everybody may read without its lines, and none that Mailstead writes itself", async () => {
    const secret = { path: "/etc/redis/redis.conf", text: "requirepass default\n" };
    const own = { path: "/etc/dovecot/dovecot.conf", text: "# as Debian ships it\n" };
    host.write(secret.path, "requirepass hunter2\n");
    chmodSync(host.path(secret.path), 0o640);
    host.write(own.path, "# Written by Mailstead.\n");
    host.write("/var/lib/mailstead/applied.json", JSON.stringify({ [own.path]: "0".repeat(64) }));
    changeDebs((debs) => {
      debs.mirror = [
        { ...dovecotNew, conffile: own },
        { ...tzNew, conffile: secret },
      ];
    });
    const { keptConffiles } = resultOf(await install(dovecotNew, tzNew));
    expect(keptConffiles).toEqual([{ path: secret.path, diff: expect.stringContaining("not shown") }]);
    expect(JSON.stringify(keptConffiles)).not.toContain("hunter2");
  });

  it("starts a unit of the stack that ran before and does not come up by itself, and says so", async () => {
    changeDebs((debs) => {
      debs.mirror = [{ ...dovecotNew, isDown: true }];
    });
    const done = await install(dovecotNew);
    expect(resultOf(done).changes).toHaveLength(1);
    expect(done.said).toContain("dovecot.service did not run after this and was started again.");
    expect(isRunning("dovecot.service")).toBe(true);
  });

  it("restarts units of the stack that still run what was replaced, and tells of the others", async () => {
    for (const [id, unit] of [
      ["20", "postfix@-.service"],
      ["30", "dbus.service"],
    ] as const) {
      mkdirSync(host.path(`/proc/${id}/ns`), { recursive: true });
      symlinkSync("pid:[1]", host.path(`/proc/${id}/ns/pid`));
      host.write(`/proc/${id}/cgroup`, `0::/system.slice/${unit}\n`);
      host.write(`/proc/${id}/maps`, "7f0-7f1 r-xp 0 08:01 131 /usr/lib/libssl.so.3 (deleted)\n");
    }
    const done = await install(dovecotNew);
    expect(host.state().units["postfix@-.service"]?.restarts).toBe(1);
    expect(host.state().units["dovecot.service"]?.restarts).toBeUndefined();
    // The fake's processes stay as they are.
    expect(resultOf(done).outdatedUnits).toEqual(["dbus.service", "postfix@-.service"]);
  });
});

describe("an update whose maintainer script fails", () => {
  beforeEach(() =>
    changeDebs((debs) => {
      debs.mirror = [dovecotOld, tzOld, { ...dovecotNew, fails: true }, tzNew];
    }),
  );

  it("ends the job with apt's words and names what is half configured, and the mail goes on", async () => {
    const problem = problemOf(await install(dovecotNew, tzNew));
    expect(problem).toMatch(
      /^permanent: The packages could not be installed\. apt-get said: dpkg: error processing package dovecot-core \(--configure\): installed dovecot-core package post-installation script subprocess returned error exit status 1 \//,
    );
    expect(problem).toContain("Only half configured now: dovecot-core 1:2.3.19-2.");
    expect(versions()).toEqual({ "dovecot-core": "iF 1:2.3.19-2", tzdata: "ii 2025b-1" });
    expect(isRunning("dovecot.service")).toBe(true);
  });

  it("is taken back whole, out of the half-configured state, and what ran runs", async () => {
    await install(dovecotNew, tzNew);
    changeDebs((debs) => {
      debs.mirror = [];
    });
    host.write(
      "/fake-state.json",
      JSON.stringify({
        ...host.state(),
        units: {
          ...host.state().units,
          "dovecot.service": { isActive: false, isEnabled: true, starts: 1, reloads: 0 },
        },
      }),
    );
    const result = resultOf(await rollBack(dovecotOld, tzOld));
    expect(result.changes).toEqual([
      { name: "dovecot-core", architecture: "amd64", from: "1:2.3.19-2", to: "1:2.3.19-1" },
      { name: "tzdata", architecture: "all", from: "2025b-1", to: "2025a-1" },
    ]);
    expect(versions()).toEqual({ "dovecot-core": "ii 1:2.3.19-1", tzdata: "ii 2025a-1" });
    expect(isRunning("dovecot.service")).toBe(true);
    expect(host.state().debs?.automatic).toEqual(["tzdata"]);
  });

  it("gives way to a later version that mends it", async () => {
    await install(dovecotNew);
    const mended = { ...dovecotNew, version: "1:2.3.19-3" };
    changeDebs((debs) => {
      debs.mirror = [mended, tzNew];
    });
    expect(problemOf(await install(tzNew))).toMatch(
      /^permanent: Packages of this host are half installed \(dovecot-core 1:2\.3\.19-2\) and could not be finished: .*Nothing of this order was changed\.$/,
    );
    expect(resultOf(await install(mended)).changes).toEqual([
      { name: "dovecot-core", architecture: "amd64", from: "1:2.3.19-2", to: "1:2.3.19-3" },
    ]);
  });
});

describe("an order to roll updates back", () => {
  it("is refused, naming the package, when its .debs are kept nowhere", async () => {
    changeDebs((debs) => {
      debs.mirror = [dovecotNew];
    });
    await install(dovecotNew);
    const runs = host.state().packageRuns;
    expect(problemOf(await rollBack(dovecotOld))).toBe(
      "permanent: No way leads back, because the host and its mirror no longer have dovecot-core 1:2.3.19-1. Nothing was changed.",
    );
    expect(host.state().packageRuns).toBe(runs);
  });

  it("is refused when apt would remove a package for it", async () => {
    await install(dovecotNew);
    const kept = "/var/lib/mailstead/kept-packages/dovecot-core_1%3a2.3.19-1_amd64.deb";
    host.write(kept, JSON.stringify({ ...dovecotOld, removes: ["dovecot-new"] }));
    expect(problemOf(await rollBack(dovecotOld))).toMatch(
      /^permanent: On this host apt would remove dovecot-new/,
    );
  });

  it("never leads forward", async () => {
    expect(problemOf(await rollBack(dovecotNew))).toBe(
      "permanent: dovecot-core is at 1:2.3.19-1, which is older than 1:2.3.19-2, so that no way back leads there. Nothing was changed.",
    );
  });

  it("changes nothing where the versions are there, and can be repeated", async () => {
    await install(dovecotNew, tzNew);
    expect(resultOf(await rollBack(dovecotOld, tzOld)).changes).toHaveLength(2);
    const runs = host.state().packageRuns;
    expect(resultOf(await rollBack(dovecotOld, tzOld)).changes).toEqual([]);
    expect(host.state().packageRuns).toBe(runs);
  });

  it("goes over a package that was cut off while it was unpacked", async () => {
    await install(dovecotNew);
    changeDebs((debs) => {
      for (const deb of Object.values(debs.installed)) if (deb.name === "dovecot-core") deb.status = "iHR";
    });
    expect(resultOf(await rollBack(dovecotOld)).changes).toHaveLength(1);
    expect(versions()["dovecot-core"]).toBe("ii 1:2.3.19-1");
  });
});
