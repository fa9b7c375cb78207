export { compareVersions } from "./compare-versions.ts";
export {
  type HealthCheck,
  type HealthCheckId,
  healthCheckIds,
  healthCheckSchema,
  type MailHealth,
  mailHealthSchema,
} from "./mail-health.ts";
export { type WayBack, wayBackOf } from "./no-way-back.ts";
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
  installUpdatesArgsSchema,
  type KeptConffile,
  keptConffileSchema,
  keptConffilesMax,
  keptDiffLengthMax,
  orderedPackagesMax,
  type UpdateResult,
  updateResultSchema,
} from "./update-orders.ts";
