import type { ChildProcess } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { createTestDatabase } from "../postgres/testing.ts";
import { isProcessAlive, waitForExit } from "../processes/process-identity.ts";
import { findRedisServer, startTestRedis } from "../redis/testing.ts";
import { openDatabase } from "./database.ts";
import { requireRedis } from "./redis.ts";
import { type ReadyNote, startMailstead } from "./supervisor.ts";
import { makeInstallation, serveHealth } from "./testing/small-installation.ts";
import { spawnUp } from "./testing/spawn-up.ts";

vi.setConfig({ testTimeout: 120_000 });

test("up builds, migrates, starts everything behind one address and stops all of it; a second up builds nothing", async () => {
  const installation = await makeInstallation();
  const first = await up(installation);
  expect(first.note.firstOwnerLink).toBe(`${installation.publicUrl}/welcome/once`);
  expect(await text(`${installation.publicUrl}/`)).toBe("web");
  expect(await text(`${installation.publicUrl}/agent/enrol`)).toBe("gateway");
  expect(first.lines.join("\n")).toMatch(/Dashboard {4}http:\/\/localhost:\d+\n {2}First owner {2}http/);
  expect(first.lines.join("\n"), "how hosts elsewhere can reach it").toMatch(
    /--host 0\.0\.0\.0 --public-url/,
  );
  await first.stop();
  expect(installation.livingProcesses()).toEqual([]);
  expect(existsSync(join(installation.dataDir, "ready.json"))).toBe(false);

  const second = await up(installation);
  expect(second.lines.some((line) => line.includes("building the dashboard"))).toBe(false);
  expect(second.note.firstOwnerLink).toBeNull();
  expect(installation.countOf("next build")).toBe(1);
  await second.stop();
});

test("each app gets the secrets that its work needs and no others", async () => {
  const installation = await makeInstallation();
  const { stop } = await up(installation);
  const secretsOf = (name: string) =>
    Object.keys(installation.environmentOf(name))
      .filter((key) => /DATABASE|KEY|SECRET|PASSWORD/.test(key))
      .sort();
  expect(secretsOf("web")).toEqual([
    "APP_DATABASE_URL",
    "MAILSTEAD_MASTER_KEY",
    "MAILSTEAD_SIGNING_PUBLIC_KEY_FILE",
    "NEXTAUTH_SECRET",
  ]);
  expect(secretsOf("gateway")).toEqual(["GATEWAY_DATABASE_URL", "MAILSTEAD_SIGNING_PUBLIC_KEY_FILE"]);
  expect(secretsOf("worker")).toEqual([
    "APP_DATABASE_URL",
    "MAILSTEAD_SIGNING_KEY_FILE",
    "MAILSTEAD_SIGNING_PUBLIC_KEY_FILE",
    "SYSTEM_DATABASE_URL",
  ]);
  await stop();
});

const isRedisHere = findRedisServer() !== null;
test.skipIf(!isRedisHere)(
  `DATABASE_URL and REDIS_URL switch to servers of the operator, which up leaves running${isRedisHere ? "" : " (skipped: redis-server is missing)"}`,
  async () => {
    const [database, redis] = [
      await createTestDatabase({ key: "empty", prepare: async () => undefined }),
      await startTestRedis(),
    ];
    onTestFinished(database.drop);
    onTestFinished(redis.stop);
    const installation = await makeInstallation({
      environment: { DATABASE_URL: database.url, REDIS_URL: redis.url },
    });
    const { stop, lines } = await up(installation);
    expect(installation.environmentOf("worker")).toMatchObject({
      REDIS_URL: redis.url,
      SYSTEM_DATABASE_URL: expect.stringContaining(new URL(database.url).host),
    });
    expect(existsSync(join(installation.dataDir, "postgres"))).toBe(false);
    expect(lines.join("\n")).toContain(`Postgres at ${new URL(database.url).host} is up`);
    await stop();
    await (await openDatabase({ databaseUrl: database.url, dataDir: "/nowhere" }, () => undefined)).stop();
    await requireRedis(redis.url);
  },
);

const failing = 'console.log("cannot work"); process.exit(7)';
const waiting = "setInterval(() => {}, 1000);";
test.each([
  ["a gateway", "gateway", { gateway: failing }],
  ["a worker", "worker", { worker: failing }],
  ["a worker for which the gateway waits", "worker", { worker: failing, gateway: waiting }],
])("%s that does not start stops the rest, and the sentence names it", async (_what, name, programs) => {
  const installation = await makeInstallation(programs);
  await expect(up(installation)).rejects.toThrow(
    `${name} ended with exit code 7 while starting; its last lines stand above.`,
  );
  expect(installation.livingProcesses()).toEqual([]);
});

test("an app that dies later is started again", async () => {
  const installation = await makeInstallation();
  const { stop, lines } = await up(installation);
  process.kill(installation.pidOf("gateway"), "SIGKILL");
  await vi.waitFor(() => expect(installation.countOf("gateway")).toBe(2));
  await vi.waitFor(async () => expect(await text(`${installation.publicUrl}/agent`)).toBe("gateway"));
  expect(lines.join("\n")).toContain("gateway ended with signal SIGKILL; restarting in 0.5 s");
  await stop();
});

test("the database comes back when it dies, at the same address", async () => {
  const installation = await makeInstallation();
  const { stop } = await up(installation);
  const postmaster = installation.postmasterPid();
  process.kill(postmaster, "SIGKILL");
  await vi.waitFor(() => expect(installation.postmasterPid()).not.toBe(postmaster), {
    interval: 200,
  });
  await stop();
  expect(installation.livingProcesses()).toEqual([]);
});

test("what a killed up left running is ended by the next, which goes on with the same database", async () => {
  const installation = await makeInstallation();
  const { child: launcher, output, errors } = spawnUp(installation);
  const isReady = () => expect(existsSync(join(installation.dataDir, "ready.json"))).toBe(true);
  await vi.waitFor(isReady, { timeout: 60_000, interval: 100 }).catch((cause: unknown) => {
    throw new Error(`up was not ready in time; it said:\n${output()}${errors()}`, { cause });
  });
  const orphans = ["web", "gateway", "worker"].map(installation.pidOf);
  const postmaster = installation.postmasterPid();
  launcher.kill("SIGKILL");
  await waitForExit(launcher.pid ?? 0, 30_000);
  expect(orphans.map(isProcessAlive)).toEqual([true, true, true]);

  const { stop, lines } = await up(installation);
  expect(orphans.map(isProcessAlive)).toEqual([false, false, false]);
  expect(installation.postmasterPid()).toBe(postmaster);
  expect(lines.join("\n")).toContain("ended 3 processes that an earlier start left behind");
  await stop();
  expect(isProcessAlive(postmaster)).toBe(false);
});

test("Ctrl-C ends up cleanly, apps before the database, with exit code 0", async () => {
  const installation = await makeInstallation({
    worker: `process.on("SIGTERM", () => { console.log("worker saved its work"); process.exit(0); }); ${serveHealth}`,
  });
  const { child, output, ended } = spawnUp(installation);
  await vi.waitFor(() => expect(output()).toContain("Mailstead is ready"), {
    timeout: 60_000,
    interval: 100,
  });
  pressCtrlC(child);
  expect(await ended).toBe(0);
  expect(output()).toMatch(/stopping\n.*worker saved its work\n.*stopped\n$/s);
  expect(installation.livingProcesses()).toEqual([]);
});

test("Ctrl-C while something is built ends the build and all that it started, in one calm line", async () => {
  const stubborn = `process.on("SIGTERM", () => setTimeout(() => process.exit(0), 300)); setInterval(() => {}, 1000);`;
  const build = `
    require("node:child_process").spawn(process.execPath, ["--eval", ${JSON.stringify(stubborn)}], { stdio: "inherit" });
    process.on("SIGINT", () => { console.log("the compiler was interrupted"); process.exit(1); });
    console.log("compiling"); setInterval(() => {}, 1000);`;
  const installation = await makeInstallation({ build });
  const { child, output, errors, ended } = spawnUp(installation);
  await vi.waitFor(() => expect(output()).toContain("compiling"), { timeout: 60_000, interval: 100 });
  pressCtrlC(child);
  expect(await ended).toBe(0);
  expect(errors()).toBe("");
  expect(output()).toMatch(/compiling\nup +│ stopped\n$/);
  expect(installation.livingProcesses()).toEqual([]);
});

type Installation = Awaited<ReturnType<typeof makeInstallation>>;

async function up({ root, options }: Installation) {
  const stopping = new AbortController();
  const lines: string[] = [];
  const running = startMailstead({
    root,
    options,
    stopping: stopping.signal,
    print: (line) => lines.push(line),
  });
  const stop = async () => {
    stopping.abort();
    await running;
  };
  onTestFinished(() => stop().catch(() => undefined)); // A test that lets the start fail has seen the error.
  const readyFile = join(options.dataDir, "ready.json");
  const ready = vi.waitFor(() => expect(existsSync(readyFile)).toBe(true), { timeout: 60_000, interval: 50 });
  await Promise.race([ready, running]);
  return { note: JSON.parse(readFileSync(readyFile, "utf8")) as ReadyNote, lines, stop };
}

/** As a terminal does: to every process of the group. */
function pressCtrlC({ pid }: ChildProcess): void {
  process.kill(-(pid ?? 0), "SIGINT");
}

async function text(url: string): Promise<string> {
  return await (await fetch(url)).text();
}
