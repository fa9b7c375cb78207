import { describe, expect, test } from "vitest";
import { frameSizeMaxBytes } from "../wire/index.ts";
import {
  fitInventory,
  type Inventory,
  inventoryPackagesMax,
  inventorySchema,
  judgeReboot,
  newestKernel,
  readInventoryInPart,
} from "./index.ts";

const openssl = {
  name: "libssl3",
  architecture: "amd64",
  version: "3.0.20-1~deb12u2",
  sourceName: "openssl",
  sourceVersion: "3.0.20-1~deb12u2",
} as const;
const inventory: Inventory = {
  at: 1,
  packages: [openssl],
  untoldPackages: 0,
  updates: [
    {
      name: "libssl3",
      architecture: "amd64",
      from: "3.0.20-1~deb12u2",
      to: "3.0.22-1~deb12u2",
      origin: "Debian-Security:12/oldstable-security",
      isSecurity: true,
      urgency: "high",
      cves: ["CVE-2026-84782"],
      sourceName: "openssl",
    },
  ],
  runningKernel: "6.1.0-50-amd64",
  newestKernel: "6.1.0-50-amd64",
  isRebootRequired: false,
  rebootPackages: [],
  outdatedUnits: [{ unit: "dovecot.service", files: ["/usr/lib/x86_64-linux-gnu/libssl.so.3"] }],
  agentVersion: "1.0.0",
  cves: { kind: "read" },
};

describe("an inventory", () => {
  test("of three thousand packages with long names goes into one frame, whole", () => {
    const packages = Array.from({ length: 3000 }, (_, place) => ({
      ...openssl,
      name: `librust-some-long-name-of-a-package-${place}-dev`,
    }));
    const fitted = fitInventory({ ...inventory, packages });
    expect(fitted).toEqual({ ...inventory, packages });
    expect(inventorySchema.parse(fitted)).toEqual(fitted);
    expect(Buffer.byteLength(JSON.stringify(fitted))).toBeLessThan(frameSizeMaxBytes);
  });

  test("that is too large is told in part, with how many are left out", () => {
    const packages = Array.from({ length: inventoryPackagesMax + 500 }, (_, place) => ({
      ...openssl,
      name: `p${place}`.padEnd(100, "x"),
      sourceVersion: "1".repeat(100),
    }));
    const fitted = fitInventory({ ...inventory, packages });
    expect(Buffer.byteLength(JSON.stringify(fitted))).toBeLessThan(frameSizeMaxBytes - 10_000);
    expect(fitted.packages.length + fitted.untoldPackages).toBe(packages.length);
    expect(fitted.packages.length).toBeGreaterThan(1000);
    expect(inventorySchema.safeParse(fitted).success).toBe(true);
  });

  test("fits however much waits, and however much that mends", () => {
    const [update] = inventory.updates ?? [];
    if (update === undefined) throw new Error("There is no update.");
    const cves = Array.from({ length: 200 }, (_, place) => `CVE-2026-${10_000 + place}`);
    const many = (count: number, changed: Partial<typeof update>) =>
      fitInventory({
        ...inventory,
        updates: Array.from({ length: count }, (_, place) => ({ ...update, ...changed, name: `p${place}` })),
      });
    for (const fitted of [
      many(400, { cves }),
      many(4000, { cves }),
      many(4000, { origin: "x".repeat(300) }),
    ]) {
      expect(JSON.stringify(fitted).length).toBeLessThan(frameSizeMaxBytes - 10_000);
      expect(inventorySchema.safeParse(fitted).success).toBe(true);
    }
    expect(many(400, { cves }).updates).toHaveLength(400);
    expect(many(400, { cves }).updates?.[0]?.cves).toHaveLength(20);
  });

  test("with single packages that are none keeps the others and counts those", () => {
    const { updates, packages } = inventory;
    const told = {
      ...inventory,
      packages: [...packages, { ...openssl, name: "--option" }, null],
      updates: [...(updates ?? []), { ...updates?.[0], to: "$(reboot)" }],
    };
    expect(inventorySchema.safeParse(told).success).toBe(false);
    expect(readInventoryInPart(told)).toEqual({
      batch: inventory,
      unreadRows: 3,
      problem: "This is no package's name.",
    });
    expect(readInventoryInPart({ ...told, at: "now" })).toBeNull();
    expect(readInventoryInPart(null)).toBeNull();
  });
});

describe("a host is to be restarted", () => {
  test("when a package asks for it", () => {
    expect(judgeReboot({ ...inventory, isRebootRequired: true, rebootPackages: ["dbus"] })).toEqual([
      { kind: "asked", packages: ["dbus"] },
    ]);
  });

  test("when a newer kernel is there than runs, and not for an older one or a container", () => {
    expect(judgeReboot({ ...inventory, newestKernel: "6.1.0-57-amd64" })).toEqual([
      { kind: "kernel", running: "6.1.0-50-amd64", newest: "6.1.0-57-amd64" },
    ]);
    expect(judgeReboot({ ...inventory, newestKernel: "6.1.0-9-amd64" })).toEqual([]);
    expect(judgeReboot({ ...inventory, newestKernel: null })).toEqual([]);
  });
});

test.each([
  ["6.1.0-50-amd64", ["6.1.0-9-amd64", "6.1.0-57-amd64", "6.1.0-58-cloud-amd64"], "6.1.0-57-amd64"],
  [
    "6.12.100+deb13-cloud-amd64",
    ["6.12.118+deb13-cloud-amd64", "6.12.119+deb13-amd64"],
    "6.12.118+deb13-cloud-amd64",
  ],
  ["5.10.0-vps", ["6.1.0-57-amd64"], null],
  ["6.1.0-50-amd64", [], null],
])("of the flavour of %s, the newest kernel is told", (running, installed, newest) => {
  expect(newestKernel(running, installed)).toBe(newest);
});
