export { type Database, openDatabase } from "@mailstead/db";
export { type AgentConnection, ConnectionOverError } from "./agent-connection.ts";
export { type AgentReleases, agentReleasesIn } from "./agent-releases.ts";
export { type CheckedEach, checkEach, type Look } from "./check-each.ts";
export { environmentVariables } from "./environment-variables.ts";
export {
  type Answers,
  type Apart,
  type Asked,
  alone,
  apart,
  inGroups,
  UnknownOutcomeError,
  withConnections,
} from "./in-groups.ts";
export { type Installation, installationFromEnvironment, signingKeyFingerprint } from "./installation.ts";
export { type OutsideSources, outsideSourcesFrom } from "./outside-sources.ts";
export { type EnvironmentVariables, type ParsedEnvironment, parseEnvironment } from "./parse-environment.ts";
export { parseInput } from "./parse-input.ts";
export { seeToEach } from "./see-to-each.ts";
export { seeToOrganisations } from "./see-to-organisations.ts";
export {
  type Actor,
  type AnonymousContext,
  acrossCustomers,
  requireOrganisationScope,
  requireRole,
  type ServiceContext,
  type SystemContext,
  withSystemTransaction,
  withTransaction,
} from "./service-context.ts";
export { ServiceError, type ServiceErrorDetails, type ServiceErrorKind } from "./service-error.ts";
export { asConflict, violatedIndex } from "./unique-violation.ts";
export { isWebhookTarget, webhookNetworksFrom } from "./webhook-networks.ts";
