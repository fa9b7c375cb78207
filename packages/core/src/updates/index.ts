export type { HealthBaseline, HealthReason } from "./health-baseline.ts";
export { type HealthJudgement, judgeHealth } from "./judge-health.ts";
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
  type RecentAttempts,
  recentAttemptsMs,
} from "./mail-health.ts";
export { type JudgedProbe, type NextProbe, nextProbe, probeSpacingMs, probesMax } from "./next-probe.ts";
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
