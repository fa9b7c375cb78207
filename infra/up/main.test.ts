import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { findFreePort } from "../postgres/index.ts";
import { tryLock } from "../processes/file-lock.ts";
import { onSmallDisk, whyNoSmallDisk } from "./testing/small-disk.ts";

vi.setConfig({ testTimeout: 60_000 });

const main = join(import.meta.dirname, "main.ts");

describe("up refuses with exit code 1 and one sentence, and leaves nothing running", () => {
  test("when its port is taken", async () => {
    const holder = createServer();
    const port = await new Promise<number>((resolve) => {
      holder.listen(0, "127.0.0.1", () => resolve((holder.address() as { port: number }).port));
    });
    onTestFinished(() => void holder.close());
    await expectRefusal({
      flags: ["--port", `${port}`],
      sentence: `Port ${port} on 127.0.0.1 is taken by another program; stop it, or choose another port with --port.`,
    });
  });

  test("when DATABASE_URL is wrong", async () => {
    const environment = { DATABASE_URL: "postgres://admin:x@database.invalid/mailstead" };
    await expectRefusal({
      environment,
      sentence:
        "DATABASE_URL names the host database.invalid, which does not resolve; correct DATABASE_URL, or unset it to use the Postgres that Mailstead brings.",
    });
  });

  test("when the Redis of REDIS_URL cannot be reached", async () => {
    const port = await findFreePort();
    await expectRefusal({
      environment: { REDIS_URL: `redis://127.0.0.1:${port}` },
      sentence: /^Redis at 127\.0\.0\.1:\d+ cannot be reached .+ let Postgres carry the queue\.$/,
    });
  });

  test("when a flag is unknown", async () => {
    await expectRefusal({ flags: ["--deno"], sentence: /^Unknown option '--deno'; use npm run up -- .+\.$/ });
  });

  test("when its data folder cannot be made", async () => {
    const { dataDir } = makeDataDir();
    await expectRefusal({
      flags: ["--data-dir", "/dev/null/mailstead"],
      dataDir,
      sentence: /^Cannot make the folder \/dev\/null\/mailstead \(.+\); choose another with --data-dir\.$/,
    });
  });

  test("when another supervisor works on the same data", async () => {
    const { dataDir } = makeDataDir();
    mkdirSync(dataDir);
    const lock = tryLock(join(dataDir, "lock"));
    if (!("release" in lock)) throw new Error("the lock is new");
    onTestFinished(() => lock.release());
    await expectRefusal({
      dataDir,
      sentence: `Mailstead already runs on ${dataDir} (process ${process.pid}); stop it with Ctrl-C there, or choose another place with --data-dir.`,
    });
  });
});

const reason = whyNoSmallDisk();
test.skipIf(reason !== null)(
  `up refuses a full disk with one sentence${reason === null ? "" : ` (skipped: ${reason})`}`,
  async () => {
    const { dataDir } = makeDataDir();
    await expectRefusal({
      command: onSmallDisk(dataDir, 20 * 1024),
      dataDir,
      sentence: `The disk that holds ${dataDir}/postgres is full; free at least 256 MiB or choose another place with --data-dir.`,
    });
  },
);

interface Refusal {
  readonly flags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly sentence: string | RegExp;
  readonly dataDir?: string;
  /** What `up` is started through. */
  readonly command?: readonly string[];
}

async function expectRefusal({
  flags = [],
  environment = {},
  sentence,
  dataDir = makeDataDir().dataDir,
  command = [],
}: Refusal): Promise<void> {
  const usesOwnPort = flags.includes("--port");
  const port = usesOwnPort ? [] : ["--port", `${await findFreePort()}`];
  const usesOwnFolder = flags.includes("--data-dir");
  const argv = [
    ...command,
    process.execPath,
    main,
    ...port,
    ...(usesOwnFolder ? [] : ["--data-dir", dataDir]),
    ...flags,
  ];
  const { exitCode, errors, output } = await run(argv, environment);
  expect(errors.trim()).toEqual(typeof sentence === "string" ? sentence : expect.stringMatching(sentence));
  expect(output).not.toContain("stopped");
  expect(exitCode).toBe(1);
  expect(processesIn(dataDir)).toEqual([]);
  if (!command.length) expect(existsSync(join(dataDir, "ready.json"))).toBe(false);
}

function run([command = "", ...args]: readonly string[], environment: Readonly<Record<string, string>>) {
  const child = spawn(command, args, {
    env: { PATH: process.env["PATH"], HOME: tmpdir(), ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  let errors = "";
  child.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  return new Promise<{ exitCode: number | null; errors: string; output: string }>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode) => resolve({ exitCode, errors, output }));
  });
}

function processesIn(folder: string): string[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
    } catch {
      return false; // Gone meanwhile.
    }
  });
}

function makeDataDir(): { dataDir: string } {
  const folder = mkdtempSync(join(tmpdir(), "mailstead-up-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return { dataDir: join(folder, "data") };
}
