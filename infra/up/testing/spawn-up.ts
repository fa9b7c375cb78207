import { spawn } from "node:child_process";
import { join } from "node:path";
import type { makeInstallation } from "./small-installation.ts";

type Installation = Awaited<ReturnType<typeof makeInstallation>>;

/** Starts a small installation as main.ts starts ours: in a process, and a process group, of its own. */
export function spawnUp({ root, options }: Installation, through: readonly string[] = []) {
  const module = (name: string) => JSON.stringify(join(import.meta.dirname, "..", name));
  const source = `
    import { startMailstead } from ${module("supervisor.ts")};
    import { StartError } from ${module("start-error.ts")};
    const stopping = new AbortController();
    process.on("SIGINT", () => stopping.abort());
    const request = { root: ${JSON.stringify(root)}, options: ${JSON.stringify(options)}, stopping: stopping.signal, print: console.log };
    try {
      await startMailstead(request);
      process.exit(0);
    } catch (error) {
      console.error(error instanceof StartError ? error.message : error);
      process.exit(1);
    }`;
  const [command = "", ...args] = [...through, process.execPath, "--input-type=module", "--eval", source];
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], detached: true });
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    output += chunk;
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    errors += chunk;
  });
  return {
    child,
    output: () => output,
    errors: () => errors,
    ended: new Promise<number | null>((resolve) => child.once("close", resolve)),
  };
}
