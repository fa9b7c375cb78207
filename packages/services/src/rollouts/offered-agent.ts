import type { AgentRelease } from "@mailstead/core/agent-updates";
import type { RolloutChoice } from "@mailstead/core/rollouts";
import { type ServiceContext, ServiceError } from "../context/index.ts";

/** The release that a rollout of agents brings, and what is known of the versions that servers run. */
export interface OfferedAgent {
  readonly release: AgentRelease;
  /** The number under which a version is offered now; null where it is not any more. */
  numberOf(version: string): Promise<number | null>;
}

/**
 * What the control plane offers hosts now; null for a rollout that brings no agents. Throws `precondition-failed` where no host
 * could take anything.
 */
export async function readOfferedAgent(
  { installation: { agentReleases }, now }: Pick<ServiceContext, "installation" | "now">,
  choice: RolloutChoice,
): Promise<OfferedAgent | null> {
  if (choice.kind !== "agents") return null;
  if (agentReleases === undefined)
    throw new ServiceError(
      "precondition-failed",
      "This control plane offers no agent: RELEASES_DIR is not set. Set it and start again.",
    );
  const release = await agentReleases.newest();
  if (release === null)
    throw new ServiceError("precondition-failed", "The agent is still being built. Look again in a minute.");
  if (now().getTime() >= release.expiresUnixSeconds * 1000)
    throw new ServiceError(
      "precondition-failed",
      `The manifest of agent ${release.version} has expired, so no server takes it. Make the release anew with: npm run build:agent`,
    );
  return {
    release,
    numberOf: async (version) => (await agentReleases.offered(version))?.number ?? null,
  };
}
