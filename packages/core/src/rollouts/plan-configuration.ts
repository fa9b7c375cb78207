import type { Brought } from "./plan-rollout.ts";

/** What a server's configuration is called among the things that rollouts bring. */
export const configurationItem = "configuration";

/** The revision of its target state that a server is to be at, frozen when a rollout starts. */
export interface PlannedConfiguration {
  readonly targetRevision: number;
  /** SHA-256, hex, of the exact text of that revision. */
  readonly targetDigest: string;
  readonly appliedRevision: number;
}

/** A server as far as its configuration goes. */
export interface ConfigurationOfServer extends PlannedConfiguration {
  readonly agentVersion: string;
  /** How many files its agent would write otherwise than it did last; null from agents that do not tell. */
  readonly pendingFiles: number | null;
  readonly hasDrift: boolean;
}

/** Why a server's configuration would change; the first that holds, null where nothing would. */
export type ConfigurationReason = "behind" | "rendered-anew" | "edited";

export function configurationReason(
  { appliedRevision, targetRevision, pendingFiles, hasDrift }: ConfigurationOfServer,
  { revertsDrift }: { revertsDrift: boolean },
): ConfigurationReason | null {
  if (appliedRevision < targetRevision) return "behind";
  if ((pendingFiles ?? 0) > 0) return "rendered-anew";
  return revertsDrift && hasDrift ? "edited" : null;
}

/**
 * What a server gets of a rollout of configurations; null where nothing would change. A canary proves what one version of the
 * agent writes on one distribution: the revisions themselves are each server's own.
 */
export function planConfiguration(
  server: ConfigurationOfServer,
  choice: { revertsDrift: boolean },
): Brought | null {
  if (server.appliedRevision === 0) return null;
  // An agent that does not tell could not take back either.
  if (server.pendingFiles === null)
    return {
      kind: "left-out",
      because: `Agent ${server.agentVersion} does not tell yet what it would write, nor take it back. Update the agent first.`,
    };
  if (configurationReason(server, choice) === null) return null;
  const version = configurationVersion(server.agentVersion);
  return { kind: "gets", version: { name: configurationItem, architecture: "all", from: null, version } };
}

/** What a canary proves of a configuration: what this version of the agent writes. */
export function configurationVersion(agentVersion: string): string {
  return `agent ${agentVersion}`;
}
