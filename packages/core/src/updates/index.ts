export {
  type HealthCheck,
  type HealthCheckId,
  healthCheckIds,
  healthCheckSchema,
  type MailHealth,
  mailHealthSchema,
} from "./mail-health.ts";
export {
  type ExactPackage,
  exactPackageSchema,
  type PackageChange,
  packageArchitectureSchema,
  packageChangeSchema,
  packageNameSchema,
  packageVersionSchema,
} from "./package-version.ts";
export {
  installUpdatesArgsSchema,
  keptConffileSchema,
  orderedPackagesMax,
  type UpdateResult,
  updateResultSchema,
} from "./update-orders.ts";
