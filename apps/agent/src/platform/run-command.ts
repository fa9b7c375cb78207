import { spawn } from "node:child_process";
import { StringDecoder } from "node:string_decoder";
import { cutText } from "@mailstead/core/text";
import type { Argv } from "./host.ts";

export interface RunOptions {
  timeoutMs?: number;
  /** Written to the program's standard input, which is otherwise empty. */
  input?: string;
  /** Where it works, as the path really is; otherwise at the root. */
  folder?: string;
  environment?: Readonly<Record<string, string>>;
  /** Called with each whole line of output as it comes. */
  onLine?: (line: string) => void;
  /** Called with what is written to standard output as it comes, which is then not kept. */
  onOutput?: (chunk: Buffer) => void;
}

export interface CommandResult {
  /** Null when the program could not be started or was ended by a signal. */
  exitCode: number | null;
  /** The signal that ended the program; left out or null when none did. */
  signal?: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  hasTimedOut: boolean;
}

const timeoutDefaultMs = 60_000;
const outputKeptMaxBytes = 4 * 1_048_576;
/** Of output that is taken line by line, its beginning is kept for what a failed program said. */
const outputKeptBesideLinesMaxBytes = 64 * 1024;

/**
 * Runs a program by argument array with a fixed, plain environment. Resolves with its output whatever its exit code;
 * a program that is not installed resolves with exit code null and says so in `stderr`.
 */
export function runCommand(argv: Argv, options: RunOptions = {}): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(argv[0], argv.slice(1), {
      stdio: ["pipe", "pipe", "pipe"],
      env: {
        PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
        LC_ALL: "C.UTF-8",
        HOME: "/root",
        ...options.environment,
      },
      cwd: options.folder ?? "/",
    });
    let hasTimedOut = false;
    const timer = setTimeout(() => {
      hasTimedOut = true;
      child.kill("SIGKILL");
    }, options.timeoutMs ?? timeoutDefaultMs);
    const collected = { stdout: collect(options.onLine), stderr: collect(options.onLine) };
    child.stdout.on("data", options.onOutput ?? collected.stdout.push);
    child.stderr.on("data", collected.stderr.push);
    const finish = (
      exitCode: number | null,
      { problem = "", signal = null }: { problem?: string; signal?: NodeJS.Signals | null } = {},
    ) => {
      clearTimeout(timer);
      resolve({
        exitCode,
        signal,
        stdout: collected.stdout.text(),
        stderr: collected.stderr.text() + problem,
        hasTimedOut,
      });
    };
    child.on("error", (error) =>
      finish(null, { problem: `${argv[0]} could not be started: ${error.message}` }),
    );
    child.on("close", (exitCode, signal) => finish(exitCode, { signal }));
    // A program that exits before it has read its input closes the pipe, which its exit code already tells.
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");
  });
}

function collect(onLine: ((line: string) => void) | undefined) {
  const chunks: Buffer[] = [];
  let size = 0;
  let rest = "";
  // A character of several bytes may lie in two chunks.
  const keptMaxBytes = onLine === undefined ? outputKeptMaxBytes : outputKeptBesideLinesMaxBytes;
  const decoder = new StringDecoder("utf8");
  return {
    push(chunk: Buffer) {
      if (size < keptMaxBytes) {
        chunks.push(chunk);
        size += chunk.length;
      }
      if (onLine === undefined) return;
      const lines = (rest + decoder.write(chunk)).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) onLine(line);
    },
    text(): string {
      if (onLine !== undefined && rest !== "") {
        onLine(rest);
        rest = "";
      }
      return Buffer.concat(chunks).toString("utf8");
    },
  };
}

/** The last lines of what a failed program said, for a sentence. */
export function lastWords(result: CommandResult, linesMax = 3): string {
  if (result.hasTimedOut) return "it did not end in time";
  const lines = `${result.stdout}\n${result.stderr}`.split("\n").filter((line) => line.trim() !== "");
  return cutText(lines.slice(-linesMax).join(" / "), 2000) || `exit code ${result.exitCode}`;
}
