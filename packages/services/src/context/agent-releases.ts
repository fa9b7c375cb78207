import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type AgentRelease, agentVersionSchema, readAgentRelease } from "@mailstead/core/agent-updates";

/** The agents that hosts can be given now: what their updaters download is what is read here. */
export interface AgentReleases {
  /** The release that hosts are to run; null while the first is still being built. */
  newest(): Promise<AgentRelease | null>;
  /** The version as it is offered by name; null when it is not, or not any more. */
  offered(version: string): Promise<AgentRelease | null>;
}

const manifestName = "agent-manifest";

/** Reads the folder from which web hands releases out. Throws where a manifest there cannot be understood. */
export function agentReleasesIn(folder: string): AgentReleases {
  const offered = async (version: string) =>
    agentVersionSchema.safeParse(version).success
      ? await readManifest(join(folder, version, manifestName))
      : null;
  return {
    offered,
    async newest() {
      const release = await readManifest(join(folder, manifestName));
      // An updater that is ordered asks below the version, so the digest is of what lies there.
      return release === null ? null : await offered(release.version);
    },
  };
}

async function readManifest(path: string): Promise<AgentRelease | null> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR"))
      return null;
    throw error;
  }
  const release = readAgentRelease(text, createHash("sha256").update(text).digest("hex"));
  if (release === null)
    throw new Error(`${path} is no manifest of an agent; make the release anew with npm run build:agent.`);
  return release;
}
