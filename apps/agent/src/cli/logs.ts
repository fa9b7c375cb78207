import { spawn } from "node:child_process";
import { agentPaths } from "../platform/paths.ts";

/** `logs [-f]`: the agent's lines of the system journal. */
export function logs(args: readonly string[]): Promise<number> {
  const isFollowing = args.includes("-f") || args.includes("--follow");
  const argv = [`--unit=${agentPaths.unit}`, "--lines=200", ...(isFollowing ? ["--follow"] : ["--no-pager"])];
  return new Promise((resolve, reject) => {
    const child = spawn("journalctl", argv, { stdio: "inherit" });
    child.on("error", reject);
    child.on("close", (exitCode) => resolve(exitCode ?? 1));
  });
}
