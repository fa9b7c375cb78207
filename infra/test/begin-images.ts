import { spawn } from "node:child_process";
import { join } from "node:path";

/**
 * Builds the lab's images beside what runs meanwhile, at a priority that takes nothing from it: most of it waits for
 * downloads, and tests of the lab would all wait for it. Resolves when it ended; where it failed, the tests that need an
 * image build it themselves and say what is wrong.
 */
export function beginImages(root: string): Promise<void> {
  const node = join(root, "node_modules", ".bin", "node");
  return new Promise((resolve) => {
    const child = spawn("nice", ["-n", "15", node, "e2e/lab/cli.ts", "images"], {
      cwd: root,
      stdio: "ignore",
    });
    child.once("error", () => resolve());
    child.once("exit", () => resolve());
  });
}
