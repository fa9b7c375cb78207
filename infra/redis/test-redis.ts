import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { findFreePort } from "../postgres/access.ts";

/** A Redis of the test's own, on a free port of 127.0.0.1, that keeps nothing on disk. */
export interface TestRedis {
  readonly url: string;
  /** Runs one command, written as on a line of redis-cli, and resolves with the first line of the raw answer. */
  command(line: string): Promise<string>;
  /** Stops it from answering and lets it go on. */
  signal(signal: "SIGSTOP" | "SIGCONT"): void;
  stop(): Promise<void>;
}

const startWithinMs = 10_000;

/** The Redis server that this machine has, or null; tests that need one are skipped by name without it. */
export function findRedisServer(): string | null {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.map((folder) => join(folder, "redis-server")).find((path) => existsSync(path)) ?? null;
}

/** Starts a Redis and resolves when it answers. Throws when the machine has none, or when it does not start. */
export async function startTestRedis(): Promise<TestRedis> {
  const program = findRedisServer();
  if (program === null)
    throw new Error("This machine has no redis-server; install Debian's package redis-server.");
  const folder = mkdtempSync(join(tmpdir(), "mailstead-redis-"));
  const port = await findFreePort();
  const settings = [
    "--port",
    `${port}`,
    "--bind",
    "127.0.0.1",
    "--dir",
    folder,
    "--save",
    "",
    "--appendonly",
    "no",
  ];
  const child = spawn(program, [...settings, "--maxmemory-policy", "noeviction"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const stop = async () => {
    await end(child);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await untilReady(child);
  } catch (cause) {
    await stop();
    throw cause;
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    command: (line) => send(port, line),
    signal: (signal) => void child.kill(signal),
    stop,
  };
}

/** Redis's own protocol, since infra needs no client for a word or two. */
function send(port: number, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port }, () => socket.write(`${line}\r\n`));
    socket.once("error", reject);
    socket.once("data", (answer) => {
      socket.end();
      const [first = ""] = answer.toString().split("\r\n", 1);
      if (first.startsWith("-")) reject(new Error(`Redis refused "${line}": ${first.slice(1)}`));
      else resolve(first);
    });
  });
}

function untilReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = "";
    const timer = setTimeout(
      () => reject(new Error(`Redis did not start within ${startWithinMs} ms:\n${output}`)),
      startWithinMs,
    );
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`Redis ended with ${code}:\n${output}`)));
    child.stdout?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      if (!output.includes("Ready to accept connections")) return;
      clearTimeout(timer);
      resolve();
    });
  });
}

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill("SIGKILL");
  });
}
