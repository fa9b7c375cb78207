import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { setPriority } from "node:os";
import { join } from "node:path";

// Comes after what others do at once, and still soon enough for a test that gives a packet two seconds.
const yieldingPriority = 3;

export interface ProgramOptions {
  /** Takes the output; the terminal does when it is left out. */
  readonly outputFile?: string;
  /** Leaves the processor to others who want it. */
  readonly isYielding?: boolean;
}

/** Runs a program that npm installed; resolves with its exit code. */
export function runProgram(
  root: string,
  argv: readonly string[],
  options: ProgramOptions = {},
): Promise<number> {
  const [name = "", ...args] = argv;
  const output = options.outputFile === undefined ? "inherit" : openSync(options.outputFile, "a");
  return new Promise<number>((resolve, reject) => {
    const child = spawn(join(root, "node_modules", ".bin", name), args, {
      cwd: root,
      stdio: ["ignore", output, output],
    });
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
    if (options.isYielding && child.pid !== undefined) setPriority(child.pid, yieldingPriority);
  }).finally(() => {
    if (output !== "inherit") closeSync(output);
  });
}
