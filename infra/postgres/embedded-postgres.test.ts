import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { isProcessAlive, waitForExit } from "../processes/process-identity.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "./index.ts";

// Making a cluster writes 40 MiB with fsync, which takes seconds on a busy disk.
vi.setConfig({ testTimeout: 90_000 });

const isRoot = process.getuid?.() === 0;

test("what was committed is there after a stop and a start, at the same address", async () => {
  const dataDir = makeFolder();
  const first = await start(dataDir);
  await query(first, "create table kept (word text); insert into kept values ('still here')");
  await first.stop();
  expect(isProcessAlive(first.pid)).toBe(false);
  const second = await start(dataDir);
  expect(second.url).toBe(first.url);
  expect(await query(second, "select word from kept")).toEqual([{ word: "still here" }]);
});

test("a server whose launcher was killed is found and taken over, and can be stopped", async () => {
  const dataDir = makeFolder();
  const orphan = await startAndKillLauncher(dataDir);
  const server = await start(dataDir);
  expect(server).toMatchObject({ isReused: true, pid: orphan.pid, url: orphan.url });
  await server.stop();
  expect(isProcessAlive(orphan.pid)).toBe(false);
});

test("a server that was killed is started again with what was committed", async () => {
  const dataDir = makeFolder();
  const first = await start(dataDir);
  await query(first, "create table kept (word text); insert into kept values ('safe')");
  process.kill(first.pid, "SIGKILL");
  await waitForExit(first.pid, 30_000);
  const second = await start(dataDir);
  expect(second.isReused).toBe(false);
  expect(await query(second, "select word from kept")).toEqual([{ word: "safe" }]);
});

test("a server that hangs is ended and started again", async () => {
  const dataDir = makeFolder();
  const first = await start(dataDir);
  process.kill(first.pid, "SIGSTOP");
  const second = await start(dataDir);
  expect(second.pid).not.toBe(first.pid);
  expect(await query(second, "select 1 as one")).toEqual([{ one: 1 }]);
});

test("a pid file that names a foreign process neither stops the start nor that process", async () => {
  const dataDir = makeFolder();
  const first = await start(dataDir);
  const pidFile = join(dataDir, "cluster", "postmaster.pid");
  const lines = readFileSync(pidFile, "utf8").split("\n");
  process.kill(first.pid, "SIGKILL");
  await waitForExit(first.pid, 30_000);
  const stranger = spawn("sleep", ["60"]);
  onTestFinished(() => void stranger.kill());
  writeFileSync(pidFile, [stranger.pid, ...lines.slice(1)].join("\n"));
  await start(dataDir);
  expect(isProcessAlive(stranger.pid ?? 0)).toBe(true);
});

test("another port is taken when a stranger sits on the old one", async () => {
  const dataDir = makeFolder();
  const first = await start(dataDir);
  await first.stop();
  const port = Number(new URL(first.url).port);
  const stranger = createServer().listen(port, "127.0.0.1");
  onTestFinished(() => void stranger.close());
  const second = await start(dataDir);
  expect(new URL(second.url).port).not.toBe(`${port}`);
});

test("only the owner can read the password, and no password is no entry", async () => {
  const dataDir = makeFolder();
  const server = await start(dataDir);
  expect(statSync(join(dataDir, "access.json")).mode & 0o777).toBe(0o600);
  expect(readdirSync(dataDir)).not.toContain("cluster.password");
  const open = new URL(server.url);
  open.password = "";
  await expect(query({ url: open.href }, "select 1")).rejects.toThrow(/password/);
});

describe.skipIf(!isRoot)(`as root${isRoot ? "" : " (skipped: not root)"}`, () => {
  test("the server runs as nobody where nobody can reach it", async () => {
    const server = await start(makeFolder());
    expect(ownerOf(server.pid)).not.toBe(0);
  });

  test("the server runs in a user namespace below a folder that only root may enter, and moves between the two", async () => {
    const dataDir = makeFolder();
    chmodSync(dataDir, 0o700);
    const shut = await start(join(dataDir, "data"));
    await query(shut, "create table kept (word text); insert into kept values ('moved')");
    expect(readlinkOf(shut.pid)).not.toBe(readlinkOf(process.pid));
    await shut.stop();
    chmodSync(dataDir, 0o711);
    const open = await start(join(dataDir, "data"));
    expect(await query(open, "select word from kept")).toEqual([{ word: "moved" }]);
  });
});

function readlinkOf(pid: number): string {
  return spawnSync("readlink", [`/proc/${pid}/ns/user`], { encoding: "utf8" }).stdout;
}

function ownerOf(pid: number): number {
  return statSync(`/proc/${pid}`).uid;
}

async function start(dataDir: string): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir });
  onTestFinished(() => server.stop());
  return server;
}

async function startAndKillLauncher(dataDir: string): Promise<{ url: string; pid: number }> {
  const source = `
    import { startEmbeddedPostgres } from ${JSON.stringify(join(import.meta.dirname, "index.ts"))};
    const { url, pid } = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)} });
    console.log(JSON.stringify({ url, pid }));
    setInterval(() => undefined, 1000);`;
  const launcher = spawn(process.execPath, ["--input-type=module", "--eval", source], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  launcher.stdout.on("data", (chunk) => {
    printed += chunk;
  });
  await vi.waitFor(() => expect(printed).toContain("\n"));
  launcher.kill("SIGKILL");
  return JSON.parse(printed) as { url: string; pid: number };
}

async function query({ url }: { url: string }, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "mailstead-postgres-"));
  chmodSync(folder, 0o711);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
