import { z } from "zod";
import { toldText } from "../text/index.ts";
import { packageArchitectureSchema, packageNameSchema, packageVersionSchema } from "./package-version.ts";
import { changeUrgencies } from "./parse-changelog.ts";

/** More than a mail server has; what a host has beyond it is not told by name. */
export const inventoryPackagesMax = 4_000;
/** In characters, well below what a frame holds. */
export const inventoryLengthMax = 950_000;
const updatesMax = 4_000;
const cvesMax = 200;
const fewCves = 20;

/** One package that is wholly installed, and the source that it was built from. */
export const installedPackageSchema = z.object({
  name: packageNameSchema,
  architecture: packageArchitectureSchema,
  version: packageVersionSchema,
  sourceName: packageNameSchema,
  sourceVersion: packageVersionSchema,
});
export type InstalledPackage = z.infer<typeof installedPackageSchema>;

export const cveSchema = z.string().regex(/^CVE-\d{4}-\d{4,10}$/, "This is no CVE identifier.");

/** One package that apt would install or bring to a newer version. */
export const waitingUpdateSchema = z.object({
  name: packageNameSchema,
  architecture: packageArchitectureSchema,
  /** Null where the package comes anew. */
  from: packageVersionSchema.nullable(),
  to: packageVersionSchema,
  /** The archives that have it, as apt names them. */
  origin: toldText(300),
  isSecurity: z.boolean(),
  /** The highest that its changelog says of what is new; null where that was not read. */
  urgency: z.enum(changeUrgencies).nullable(),
  /** What it mends, by its changelog. */
  cves: z.array(cveSchema).max(cvesMax),
  sourceName: packageNameSchema,
});
export type WaitingUpdate = z.infer<typeof waitingUpdateSchema>;

/** A unit of which a process still runs what has been replaced or taken away on disk. */
export const outdatedUnitSchema = z.object({
  unit: toldText(200),
  /** Paths of libraries and programs, as they were. */
  files: z.array(toldText(300)).max(20),
});
export type OutdatedUnit = z.infer<typeof outdatedUnitSchema>;

/** How much of the changelogs of what waits the host could read. */
export const changelogReadingSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("read") }),
  z.object({ kind: z.literal("partly"), sentence: toldText(500) }),
  z.object({ kind: z.literal("unreachable"), sentence: toldText(500) }),
]);
export type ChangelogReading = z.infer<typeof changelogReadingSchema>;

const told = {
  /** By the host's clock. */
  at: z.number().int().nonnegative(),
  /** How many are installed beyond those that are told. */
  untoldPackages: z.int().min(0).max(1_000_000),
  runningKernel: toldText(100),
  /** The newest that could be started; null where the host's kernel is not its own, as in a container. */
  newestKernel: toldText(100).nullable(),
  isRebootRequired: z.boolean(),
  /** Packages that ask for it. */
  rebootPackages: z.array(toldText(100)).max(100),
  outdatedUnits: z.array(outdatedUnitSchema).max(200),
  agentVersion: toldText(50),
  cves: changelogReadingSchema,
};

/** What software a host has, and what waits for it. Told whole, whenever any of it has changed. */
export const inventorySchema = z.object({
  ...told,
  packages: z.array(installedPackageSchema).max(inventoryPackagesMax),
  /** Null where apt cannot say. */
  updates: z.array(waitingUpdateSchema).max(updatesMax).nullable(),
});
export type Inventory = z.infer<typeof inventorySchema>;

const looseSchema = z.object({
  ...told,
  packages: z.array(z.unknown()).max(inventoryPackagesMax),
  updates: z.array(z.unknown()).max(updatesMax).nullable(),
});

/**
 * What can be read of an inventory in which single packages have a shape that is not known here, how many have, and what
 * is wrong with the first. Null where the whole has not the shape.
 */
export function readInventoryInPart(
  batch: unknown,
): { batch: Inventory; unreadRows: number; problem: string } | null {
  const loose = looseSchema.safeParse(batch);
  if (!loose.success) return null;
  const packages = readRows(installedPackageSchema, loose.data.packages);
  const updates = readRows(waitingUpdateSchema, loose.data.updates ?? []);
  return {
    batch: {
      ...loose.data,
      packages: packages.rows,
      updates: loose.data.updates === null ? null : updates.rows,
    },
    unreadRows: packages.unread + updates.unread,
    problem: packages.problem ?? updates.problem ?? "some of its rows",
  };
}

function readRows<Row>(
  schema: z.ZodType<Row>,
  told: readonly unknown[],
): { rows: Row[]; unread: number; problem: string | null } {
  const rows: Row[] = [];
  let problem: string | null = null;
  for (const one of told) {
    const read = schema.safeParse(one);
    if (read.success) rows.push(read.data);
    else problem ??= read.error.issues[0]?.message ?? "it is no package";
  }
  return { rows, unread: told.length - rows.length, problem };
}

/**
 * An inventory that fits into one frame. Packages beyond that are counted and not named; where even that is too much, as
 * while thousands of updates wait, long lists of CVEs are cut, and at last updates.
 */
export function fitInventory(inventory: Inventory): Inventory {
  let packages = inventory.packages.slice(0, inventoryPackagesMax);
  let updates = inventory.updates?.slice(0, updatesMax) ?? null;
  const cut = (): Inventory => ({
    ...inventory,
    updates,
    packages,
    untoldPackages: inventory.untoldPackages + inventory.packages.length - packages.length,
  });
  const isTooLong = () => JSON.stringify(cut()).length > inventoryLengthMax;
  for (const cvesKept of [fewCves, 0]) {
    if (JSON.stringify(updates).length <= inventoryLengthMax / 2) break;
    updates = updates?.map((update) => ({ ...update, cves: update.cves.slice(0, cvesKept) })) ?? null;
  }
  while (packages.length > 0 && isTooLong()) packages = packages.slice(0, Math.floor(packages.length * 0.9));
  while (updates !== null && isTooLong()) updates = updates.slice(0, Math.floor(updates.length * 0.9));
  return cut();
}
