import { spawn } from "node:child_process";
import { join } from "node:path";

/** Runs a program that npm installed, its output going straight to the terminal; resolves with its exit code. */
export function runProgram(root: string, argv: readonly string[]): Promise<number> {
  const [name = "", ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(join(root, "node_modules", ".bin", name), args, {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
    });
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}
