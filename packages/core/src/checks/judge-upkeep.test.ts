import { describe, expect, test } from "vitest";
import type { HostUpkeep } from "../servers/index.ts";
import { isUntoldOfUpkeep, isUpkeepFinding, judgeUpkeep } from "./judge-upkeep.ts";

const now = new Date("2026-11-29T12:00:00Z");
const upkeep: HostUpkeep = {
  clock: { isSynchronised: true, aheadSeconds: 0 },
  updates: { count: 0, securityCount: 0, names: [], askedOn: "2026-11-29" },
  ssh: { ports: [22], takesPasswords: false, takesPasswordOfRoot: false },
  backup: { kind: "made", by: "restic", lastOn: "2026-11-28" },
};
const listeners = { ipv4: [22, 25], ipv6: [] };
const waiting = { count: 2, securityCount: 1, names: ["libssl3", "tzdata"], askedOn: "2026-11-29" };
const open = { ports: [22], takesPasswords: true, takesPasswordOfRoot: false };

describe("what a host needs beside its mail", () => {
  test.each<[string, Partial<HostUpkeep>, string[]]>([
    ["all is seen to", {}, []],
    ["an agent that can tell nothing", { clock: null, updates: null, ssh: null, backup: null }, []],
    [
      "no time server sets the clock",
      { clock: { isSynchronised: false, aheadSeconds: 0 } },
      ["clock-unsynchronised warning"],
    ],
    ["nobody knows what sets the clock", { clock: { isSynchronised: null, aheadSeconds: 0 } }, []],
    ["the clock is a little off", { clock: { isSynchronised: true, aheadSeconds: 60 } }, []],
    ["the clock is wrong", { clock: { isSynchronised: true, aheadSeconds: -61 } }, ["clock-wrong error"]],
    ["updates for security wait", { updates: waiting }, ["updates-pending warning"]],
    ["other updates wait", { updates: { ...waiting, securityCount: 0 } }, ["updates-pending instruction"]],
    [
      "nobody asks for updates",
      { updates: { ...waiting, askedOn: "2026-11-14" } },
      ["updates-unknown warning"],
    ],
    [
      "nobody ever asked for updates",
      { updates: { ...waiting, askedOn: null } },
      ["updates-unknown warning"],
    ],
    ["passwords open SSH", { ssh: open }, ["ssh-password warning"]],
    ["passwords open SSH where nobody gets to it", { ssh: { ...open, ports: [2222] } }, []],
    ["no backup is known", { backup: { kind: "unknown" } }, ["backup-unknown instruction"]],
    ["backups are made elsewhere", { backup: { kind: "elsewhere" } }, []],
    ["the backup is a week old", { backup: { kind: "made", by: "borg", lastOn: "2026-11-22" } }, []],
    [
      "the backup stopped",
      { backup: { kind: "made", by: "borg", lastOn: "2026-11-21" } },
      ["backup-old warning"],
    ],
    [
      "a tool was given up long ago",
      { backup: { kind: "made", by: "borg", lastOn: "2026-01-01" } },
      ["backup-unknown instruction"],
    ],
  ])("%s", (_name, changed, expected) => {
    const found = judgeUpkeep({ upkeep: { ...upkeep, ...changed }, listeners }, now);
    expect(found.map(({ kind, severity }) => `${kind} ${severity}`)).toEqual(expected);
    for (const finding of found) {
      expect(finding.evidence.length).toBeGreaterThan(0);
      expect(isUpkeepFinding(finding)).toBe(true);
    }
  });

  test("evidence names the first updates and counts the rest", () => {
    const [found] = judgeUpkeep({ upkeep: { ...upkeep, updates: { ...waiting, count: 7 } }, listeners }, now);
    expect(found?.evidence).toContain("apt-get: libssl3, tzdata and 5 more");
  });
});

test("what an agent does not tell neither comes nor goes", () => {
  const told = { upkeep, listeners };
  expect(isUntoldOfUpkeep("ssh-password", told)).toBe(false);
  expect(isUntoldOfUpkeep("ssh-password", { upkeep, listeners: null })).toBe(true);
  expect(isUntoldOfUpkeep("backup-old", { upkeep: { ...upkeep, backup: null }, listeners })).toBe(true);
  expect(isUntoldOfUpkeep("clock-wrong", null)).toBe(true);
  expect(isUntoldOfUpkeep("ptr-missing", null)).toBe(false);
  const clock = { isSynchronised: null, aheadSeconds: 0 };
  expect(isUntoldOfUpkeep("clock-unsynchronised", { upkeep: { ...upkeep, clock }, listeners })).toBe(true);
});
