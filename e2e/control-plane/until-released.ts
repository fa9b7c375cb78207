import { stat } from "node:fs/promises";
import { join } from "node:path";
import { waitFor } from "../lab/wait-for.ts";
import type { ControlPlane } from "./start.ts";

/** The agent is built while the control plane already runs; the install command works from then on. */
export async function untilReleased(controlPlane: ControlPlane): Promise<void> {
  const release = join(controlPlane.dataDir, "releases", "linux-x64.release");
  await waitFor("the agent's release", async () => (await stat(release)).isFile(), { timeoutMs: 120_000 });
}
