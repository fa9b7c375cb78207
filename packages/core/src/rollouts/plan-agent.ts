import type { AgentRelease } from "../agent-updates/index.ts";
import type { Brought } from "./plan-rollout.ts";

/** What our own agent is called among the things that rollouts bring. */
export const agentItem = "mailstead-agent";

export interface AgentOfServer {
  /** What the server says that it runs. */
  readonly version: string;
  readonly architecture: "x64" | "arm64";
  /** The number under which the control plane offers that version now; null where it does not any more. */
  readonly number: number | null;
}

const debianArchitectures = { x64: "amd64", arm64: "arm64" } as const;

/**
 * What a server gets of a release of the agent, or why it gets nothing. It is what the updater on the host would say
 * (`decideUpdate`), as far as it can be known beforehand.
 */
export function planAgent({ version, architecture, number }: AgentOfServer, release: AgentRelease): Brought {
  const leftOut = (because: string): Brought => ({ kind: "left-out", because });
  if (version === release.version) return leftOut(`It runs agent ${version} already.`);
  if (number !== null && number >= release.number)
    return leftOut(
      `It runs agent ${version}, which is newer than ${release.version}, and no signed rollback says that it may go back.`,
    );
  if (release.rollsBackFrom !== null && !release.rollsBackFrom.includes(version))
    return leftOut(
      `It runs agent ${version}, and the rollback to ${release.version} is not for servers with that.`,
    );
  if (!release.platforms.includes(`linux-${architecture}`))
    return leftOut(`The release ${release.version} has no agent for linux-${architecture}.`);
  return {
    kind: "gets",
    version: {
      name: agentItem,
      architecture: debianArchitectures[architecture],
      from: version,
      version: release.version,
    },
  };
}
