import { z } from "zod";
import { toldText } from "../text/index.ts";
import { exactPackageSchema, packageChangeSchema } from "./package-version.ts";

/** More than any host has installed. */
export const orderedPackagesMax = 2_000;

/**
 * Exactly these versions, and nothing else: an agent refuses the order when apt would add, remove or change any other
 * package to reach them.
 */
export const installUpdatesArgsSchema = z.object({
  packages: z.array(exactPackageSchema).min(1).max(orderedPackagesMax),
});

export const keptConffilesMax = 50;
export const keptDiffLengthMax = 16_384;

/** A conffile that the owner changed and the package brings anew: the owner's stays, the package's lies beside it. */
export const keptConffileSchema = z.object({
  path: toldText(500),
  /** From the owner's to the package's, bounded. */
  diff: toldText(keptDiffLengthMax),
});
export type KeptConffile = z.infer<typeof keptConffileSchema>;

export const updateResultSchema = z.object({
  changes: z.array(packageChangeSchema).max(orderedPackagesMax),
  keptConffiles: z.array(keptConffileSchema).max(keptConffilesMax),
  /** Packages to which no way leads back, since the version that was there is kept nowhere. */
  withoutWayBack: z.array(toldText(100)).max(orderedPackagesMax),
  /** Packages to which the way leads back through a .deb that was rebuilt from what was installed. */
  rebuiltWayBack: z.array(toldText(100)).max(orderedPackagesMax).default([]),
  /** Units that still run what was replaced, after those that may be restarted were. */
  outdatedUnits: z.array(toldText(200)).max(500),
  isRebootRequired: z.boolean(),
  tookMs: z.number(),
});
export type UpdateResult = z.infer<typeof updateResultSchema>;
