export { compareVersions } from "./compare-versions.ts";
export type { HealthBaseline, HealthReason } from "./health-baseline.ts";
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
export { type HealthJudgement, judgeHealth } from "./judge-health.ts";
export { judgeOpenIssues, type OpenIssue, type SourceVersion } from "./judge-open-issues.ts";
export { judgeReboot, newestKernel, type RebootReason } from "./judge-reboot.ts";
export {
  type HealthCheck,
  type HealthCheckId,
  type HealthFigures,
  healthCheckIds,
  healthCheckSchema,
  healthFaultsMax,
  healthFiguresSchema,
  type MailHealth,
  mailHealthSchema,
  outsideCheckId,
  type RecentAttempts,
  recentAttemptsMs,
} from "./mail-health.ts";
export { type JudgedProbe, type NextProbe, nextProbe, probeSpacingMs, probesMax } from "./next-probe.ts";
export { type WayBack, wayBackOf } from "./no-way-back.ts";
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
  type IssueUrgency,
  issueUrgencies,
  type ListedIssue,
  parseSecurityList,
  type ReadSecurityList,
  type SecurityList,
} from "./parse-security-list.ts";
export {
  installUpdatesArgsSchema,
  type KeptConffile,
  keptConffileSchema,
  keptConffilesMax,
  keptDiffLengthMax,
  orderedPackagesMax,
  type UpdateResult,
  updateResultSchema,
} from "./update-orders.ts";
