export { compareVersions } from "./compare-versions.ts";
export {
  type ChangelogReading,
  changelogReadingSchema,
  cveSchema,
  fitInventory,
  type InstalledPackage,
  type Inventory,
  installedPackageSchema,
  inventoryLengthMax,
  inventoryPackagesMax,
  inventorySchema,
  type OutdatedUnit,
  outdatedUnitSchema,
  readInventoryInPart,
  type WaitingUpdate,
} from "./inventory.ts";
export { judgeReboot, newestKernel, type RebootReason } from "./judge-reboot.ts";
export {
  type HealthCheck,
  type HealthCheckId,
  healthCheckIds,
  healthCheckSchema,
  type MailHealth,
  mailHealthSchema,
} from "./mail-health.ts";
export {
  isVersionMeant,
  type PackageSearch,
  parsePackageSearch,
  type VersionConstraint,
} from "./package-search.ts";
export {
  type ExactPackage,
  exactPackageSchema,
  type PackageChange,
  packageArchitectureSchema,
  packageChangeSchema,
  packageNameSchema,
  packageVersionSchema,
} from "./package-version.ts";
export { type AptSimulation, parseAptSimulation, type SimulatedInstall } from "./parse-apt-simulation.ts";
export {
  type ChangesSince,
  type ChangeUrgency,
  changeUrgencies,
  higherUrgency,
  parseChangelog,
} from "./parse-changelog.ts";
export {
  installUpdatesArgsSchema,
  keptConffileSchema,
  orderedPackagesMax,
  type UpdateResult,
  updateResultSchema,
} from "./update-orders.ts";
