import { readdir, readlink, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Host } from "./host.ts";
import { agentPaths } from "./paths.ts";

/**
 * Removes executables of agents that were replaced, each a hundred MiB; returns their names. What runs, what the link
 * names and what is newer than what runs stays: the last may be an installation that is under way.
 */
export async function removeOldVersions(host: Host, runningPath: string): Promise<string[]> {
  const folder = host.path(dirname(agentPaths.executable));
  // An agent that was not installed, as a developer runs it, has nothing to tidy here.
  if (dirname(runningPath) !== folder) return [];
  const kept = new Set([basename(runningPath), await readlink(host.path(agentPaths.executable))]);
  const { mtimeMs: runningSinceMs } = await stat(runningPath);
  const removed: string[] = [];
  for (const name of await readdir(folder)) {
    if (!name.startsWith("agent-") || kept.has(name)) continue;
    const path = join(folder, name);
    if ((await stat(path)).mtimeMs >= runningSinceMs) continue;
    await rm(path);
    removed.push(name);
  }
  return removed;
}
