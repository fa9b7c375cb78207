import { type ChildProcess, spawn } from "node:child_process";
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

const endTimeoutMs = 5_000;

/**
 * Runs a program to its end and resolves with its exit code (1 when a signal ended it). When `signal` is aborted it
 * ends the program and all that this one started, and rejects once they are gone.
 */
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
    signal?.throwIfAborted();
    const child = spawn(command, [...args], {
      cwd,
      env: { ...environment },
      stdio: ["ignore", "pipe", "pipe"],
      // Its own process group: Ctrl-C reaches it through `signal` alone, and its children end with it.
      detached: true,
    });
    let killTimer: NodeJS.Timeout | undefined;
    const end = () => {
      signalGroup(child, "SIGTERM");
      killTimer = setTimeout(() => signalGroup(child, "SIGKILL"), endTimeoutMs);
    };
    signal?.addEventListener("abort", end, { once: true });
    child.stdout.setEncoding("utf8").on("data", captured ?? ((chunk: string) => output.write(chunk)));
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => output.write(chunk));
    child.once("error", reject);
    // Comes when the last of them that holds its output has ended.
    child.once("close", (code) => {
      signal?.removeEventListener("abort", end);
      clearTimeout(killTimer);
      output.flush();
      if (signal?.aborted) reject(signal.reason);
      else resolve(code ?? 1);
    });
  });
}

function signalGroup({ pid }: ChildProcess, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, name);
  } catch (error) {
    // It has ended meanwhile.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
