import { readTextIfExists, writeFileAtomically } from "./files.ts";
import type { Host } from "./host.ts";
import { HostRefusal } from "./host-check.ts";
import { agentPaths } from "./paths.ts";

/** Claims this host for this process. Throws HostRefusal when another agent runs here: two would break one journal. */
export async function claimHost(host: Host, processId: number): Promise<void> {
  const path = host.path(agentPaths.processId);
  const other = Number((await readTextIfExists(path))?.trim());
  if (Number.isInteger(other) && other > 0 && other !== processId && (await isAgent(host, other)))
    throw new HostRefusal(
      `The agent is running already, as process ${other}; see \`mailstead-agent status\`. Nothing was changed.`,
    );
  await writeFileAtomically(path, `${processId}\n`, { mode: 0o644 });
}

/** Numbers of processes are used again, so the name of the one that has it now decides. */
async function isAgent(host: Host, processId: number): Promise<boolean> {
  const command = await readTextIfExists(host.path(`/proc/${processId}/cmdline`));
  const [program = "", verb] = (command ?? "").split("\0");
  return program.endsWith("/mailstead-agent") && verb === "run";
}
