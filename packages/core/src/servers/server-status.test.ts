import { describe, expect, test } from "vitest";
import { judgeServer, type ServerSigns, type ServerStatus } from "./index.ts";

const host = {
  services: [{ unit: "dovecot.service", state: "running" as const, sinceUnixMs: 0 }],
  canReachPort25: true,
  hasValidatedDns: true,
  diskFreeBytes: 50,
  diskTotalBytes: 100,
  memoryTotalBytes: 100,
  memoryAvailableBytes: 50,
  queueSizeMessages: 3,
  queueOldestAtUnixMs: null,
  queueLateMessages: 2,
  queueUntakenMessages: 0,
  queueWaiting: [],
  isRebootRequired: false,
  dkimKeysGone: [],
};
const stopped = (unit: string) => ({
  ...host,
  services: [{ unit, state: "failed" as const, sinceUnixMs: 0 }],
});
const converge = (state: NonNullable<ServerSigns["lastConverge"]>["state"]) => ({ id: "converge", state });
const sync = (state: NonNullable<ServerSigns["lastSync"]>["state"]) => ({ id: "sync", state });
const restart = (state: NonNullable<ServerSigns["lastRestart"]>["state"]) => ({
  id: "restart",
  state,
  service: "dovecot",
});
const healthy: ServerSigns = {
  enrolmentState: "enrolled",
  isConnected: true,
  isInstallRequested: true,
  appliedRevision: 3,
  targetRevision: 3,
  hasDrift: false,
  isDirectoryBehind: false,
  lastConverge: converge("succeeded"),
  lastSync: sync("succeeded"),
  lastRestart: null,
  hasRelayForAll: false,
  host,
};
const fresh: Partial<ServerSigns> = { appliedRevision: 0, lastSync: null };

describe("the one word for a server", () => {
  test.each<[string, Partial<ServerSigns>, ServerStatus]>([
    ["all is well", {}, "healthy"],
    [
      "nobody has run the command",
      { enrolmentState: "awaiting-agent", isConnected: false },
      "awaiting-agent",
    ],
    ["two hosts share an identity", { enrolmentState: "quarantined" }, "quarantined"],
    [
      "no contact hides everything else",
      { isConnected: false, host: stopped("dovecot.service"), hasDrift: true },
      "offline",
    ],
    ["enrolled and untouched", { ...fresh, isInstallRequested: false, lastConverge: null }, "not-installed"],
    ["the install waits", { ...fresh, lastConverge: converge("queued") }, "installing"],
    ["the install runs", { ...fresh, lastConverge: converge("running") }, "installing"],
    ["the install failed", { ...fresh, lastConverge: converge("failed") }, "install-failed"],
    [
      "the install failed, and the sync behind it did well",
      { ...fresh, lastConverge: converge("failed"), lastSync: sync("succeeded") },
      "install-failed",
    ],
    ["the install was cancelled", { ...fresh, lastConverge: converge("cancelled") }, "not-installed"],
    [
      "mail hurts more than a failed job",
      { host: stopped("dovecot.service"), lastConverge: converge("failed") },
      "service-down",
    ],
    ["a change is under way", { lastConverge: converge("unknown"), hasDrift: true }, "changing"],
    ["the last change failed", { lastConverge: converge("failed"), hasDrift: true }, "job-failed"],
    [
      "a later sync does not heal a failed change",
      { lastConverge: converge("failed"), lastSync: sync("succeeded") },
      "job-failed",
    ],
    ["nor does one that runs", { lastConverge: converge("failed"), lastSync: sync("running") }, "job-failed"],
    ["a change was never taken", { lastConverge: converge("timed-out"), targetRevision: 4 }, "job-failed"],
    ["a change that nobody misses was never taken", { lastConverge: converge("timed-out") }, "healthy"],
    [
      "the sync failed, and the host still lacks it",
      { lastSync: sync("failed"), isDirectoryBehind: true },
      "directory-failed",
    ],
    ["the sync failed, and another brought it", { lastSync: sync("failed") }, "healthy"],
    ["a service could not be restarted", { lastRestart: restart("failed") }, "restart-failed"],
    ["a cancelled change is no failure", { lastConverge: converge("cancelled") }, "healthy"],
    ["edited by hand", { hasDrift: true }, "drift"],
    ["a mailbox is on its way", { lastSync: sync("running"), isDirectoryBehind: true }, "changing"],
    ["its resolver gets no answer", { host: { ...host, hasValidatedDns: false } }, "dns-blocked"],
    ["port 25 is blocked", { host: { ...host, canReachPort25: false } }, "port-25-blocked"],
    [
      "port 25 is blocked, and a relay carries all mail",
      { host: { ...host, canReachPort25: false }, hasRelayForAll: true },
      "healthy",
    ],
    [
      "port 25 is blocked while it is installed",
      { ...fresh, lastConverge: converge("running"), host: { ...host, canReachPort25: false } },
      "installing",
    ],
    ["what hurts mail hides an edit", { hasDrift: true, host: { ...host, diskFreeBytes: 1 } }, "disk-full"],
    ["what can wait does not", { hasDrift: true, host: { ...host, isRebootRequired: true } }, "drift"],
    ["only a reboot is due", { host: { ...host, isRebootRequired: true } }, "reboot"],
    ["some messages wait for days", { host: { ...host, queueLateMessages: 49 } }, "healthy"],
    ["many messages wait for hours", { host: { ...host, queueLateMessages: 50 } }, "queue-old"],
    ["Postfix takes nothing up", { host: { ...host, queueUntakenMessages: 1 } }, "queue-stuck"],
    [
      "a key that signs is gone",
      { host: { ...host, dkimKeysGone: ["s1._domainkey.a.example"] } },
      "dkim-key-gone",
    ],
    ["memory runs out", { host: { ...host, memoryAvailableBytes: 9 } }, "memory-low"],
    ["an agent that tells nothing of memory", { host: { ...host, memoryTotalBytes: 0 } }, "healthy"],
    ["the queue is long", { host: { ...host, queueSizeMessages: 500 } }, "queue-long"],
    ["a change was never sent", { targetRevision: 4 }, "behind"],
  ])("%s", (_name, changed, status) => {
    const judged = judgeServer({ ...healthy, ...changed });
    expect(judged.status).toBe(status);
    // A list, the head of a page and Home show one level, which never looks better than the worst that is known.
    if (judged.concerns.some(({ level }) => level === "trouble")) expect(judged.level).toBe("trouble");
    if (status === "healthy") expect(judged.concerns).toEqual([]);
  });
});

describe("what needs somebody", () => {
  const judge = (changed: Partial<ServerSigns>) => judgeServer({ ...healthy, ...changed }).concerns;
  const codes = (changed: Partial<ServerSigns>) => judge(changed).map(({ code }) => code);

  test("what hurts mail now stands before what can wait", () => {
    const full = { ...host, diskFreeBytes: 1, isRebootRequired: true };
    expect(codes({ hasDrift: true, host: full })).toEqual(["disk-full", "drift", "reboot"]);
  });

  test.each([
    ["disk-full", "diskFreeBytes", 30, []],
    ["disk-full", "diskFreeBytes", 29, ["attention"]],
    ["disk-full", "diskFreeBytes", 15, ["attention"]],
    ["disk-full", "diskFreeBytes", 14, ["trouble"]],
    ["memory-low", "memoryAvailableBytes", 20, []],
    ["memory-low", "memoryAvailableBytes", 19, ["attention"]],
    ["memory-low", "memoryAvailableBytes", 10, ["attention"]],
    ["memory-low", "memoryAvailableBytes", 9, ["trouble"]],
  ])("%s: with %s of %i in a hundred it is told of as %j", (code, part, free, levels) => {
    const found = judge({ host: { ...host, [part]: free } });
    expect(found.map((one) => [one.code, one.level])).toEqual(levels.map((level) => [code, level]));
  });

  test("services that do not run are one concern, and a failed change beside them is another", () => {
    const both = {
      ...host,
      services: ["rspamd.service", "fail2ban.service"].map((unit) => ({
        unit,
        state: "stopped" as const,
        sinceUnixMs: null,
      })),
    };
    const found = judge({ host: both, lastConverge: converge("failed") });
    expect(found.map(({ code }) => code)).toEqual(["service-down", "job-failed"]);
    expect(found[0]?.services).toEqual(["rspamd.service", "fail2ban.service"]);
  });

  test("services are not missed before they are installed", () => {
    expect(codes({ ...fresh, host: stopped("dovecot.service"), lastConverge: converge("running") })).toEqual(
      [],
    );
  });

  test("a silent agent's last words are not taken for the state of the host", () => {
    expect(codes({ isConnected: false, host: { ...host, diskFreeBytes: 1 } })).toEqual(["offline"]);
  });

  test("a failure names the job that tells of it, and the service", () => {
    expect(judge({ lastConverge: converge("failed") })[0]).toMatchObject({ jobId: "converge" });
    expect(judge({ lastSync: sync("failed"), isDirectoryBehind: true })[0]).toMatchObject({ jobId: "sync" });
    expect(judge({ lastRestart: restart("failed") })[0]).toMatchObject({
      jobId: "restart",
      services: ["dovecot"],
    });
    expect(judge({ host: stopped("rspamd.service") })[0]).toMatchObject({ services: ["rspamd.service"] });
  });

  test("neither an installation nor a change that runs needs anybody", () => {
    expect(codes({ ...fresh, lastConverge: converge("running") })).toEqual([]);
    expect(codes({ lastConverge: converge("running"), targetRevision: 4 })).toEqual([]);
  });
});
