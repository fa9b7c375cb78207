import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";

export interface ToolResult {
  readonly status: number;
  /** Standard output and standard error in the order of their arrival. */
  readonly output: string;
}

/** Runs a program that npm installed, with the project's own node first in PATH. */
export function runTool(root: string, name: string, args: readonly string[]): Promise<ToolResult> {
  const bin = join(import.meta.dirname, "..", "..", "node_modules", ".bin");
  return new Promise((resolve, reject) => {
    const child = spawn(join(bin, name), [...args], {
      cwd: root,
      env: {
        ...process.env,
        PATH: `${bin}${delimiter}${process.env["PATH"] ?? ""}`,
        NO_COLOR: "1",
        FORCE_COLOR: "0",
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const collect = (chunk: Buffer) => {
      output += chunk.toString("utf8");
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.once("error", reject);
    child.once("close", (code) => resolve({ status: code ?? 1, output }));
  });
}

export function nonEmptyLines(output: string): readonly string[] {
  return output.split("\n").filter((line) => line.trim() !== "");
}
