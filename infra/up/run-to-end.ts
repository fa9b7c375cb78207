import { spawn } from "node:child_process";
import type { LineWriter } from "./log-lines.ts";

export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Gets standard error, and standard output unless `captured` takes it. */
  readonly output: LineWriter;
  readonly captured?: (text: string) => void;
  readonly signal?: AbortSignal;
}

/** Runs a program to its end and resolves with its exit code (1 when a signal ended it). */
export function runToEnd({
  command,
  args,
  cwd,
  environment,
  output,
  captured,
  signal,
}: Command): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args], {
      cwd,
      env: { ...environment },
      stdio: ["ignore", "pipe", "pipe"],
      ...(signal ? { signal } : {}),
    });
    child.stdout.setEncoding("utf8").on("data", captured ?? ((chunk: string) => output.write(chunk)));
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => output.write(chunk));
    child.once("error", reject);
    child.once("close", (code) => {
      output.flush();
      resolve(code ?? 1);
    });
  });
}
