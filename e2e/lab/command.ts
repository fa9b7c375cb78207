import { spawn } from "node:child_process";
import { constants } from "node:os";

export interface CommandOptions {
  /** Written to the command's standard input, which is then closed. */
  readonly input?: string | Uint8Array;
  /** After this the command is killed and the result carries code 124, as coreutils' timeout has it. */
  readonly timeoutMs?: number;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

export interface CommandResult {
  /** Exit status; 128 + signal number when a signal ended the command, 124 when its time was up. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A lab command that had to succeed and did not. The message names the command and its last words. */
export class LabError extends Error {
  override readonly name = "LabError";
}

/** Runs one command without a shell and collects its output. Throws LabError only when it cannot be started. */
export function run(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const [file, ...args] = argv;
  if (file === undefined) throw new LabError("An empty argument array cannot be run.");
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      stdio: "pipe",
      ...(options.env ? { env: options.env } : {}),
      ...(options.cwd ? { cwd: options.cwd } : {}),
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let isTimeUp = false;
    const timer = options.timeoutMs
      ? setTimeout(() => {
          isTimeUp = true;
          child.kill("SIGKILL");
        }, options.timeoutMs)
      : undefined;
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    // A command that ends before it has read its input is judged by its exit status, not by the broken pipe.
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");
    child.on("error", (cause) => {
      clearTimeout(timer);
      reject(new LabError(`${file} could not be started: ${cause.message}`, { cause }));
    });
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      resolve({
        code: isTimeUp ? 124 : (code ?? 128 + (signal ? constants.signals[signal] : 0)),
        stdout: Buffer.concat(stdout).toString("utf8"),
        stderr: Buffer.concat(stderr).toString("utf8"),
      });
    });
  });
}

/** Like run, but throws LabError with the command's last lines unless it ends with status 0. */
export async function must(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const result = await run(argv, options);
  if (result.code !== 0) {
    const words = `${result.stdout}\n${result.stderr}`.trim().split("\n").slice(-20).join("\n");
    throw new LabError(
      `${argv
        .map((word) => (word.includes("\n") ? "…" : word))
        .join(" ")
        .slice(0, 300)} ended with status ${result.code}:\n${words}`,
    );
  }
  return result;
}
