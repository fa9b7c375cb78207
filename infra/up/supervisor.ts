import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findFreePort } from "../postgres/access.ts";
import { type FileLock, tryLock } from "../processes/file-lock.ts";
import { AppProcess } from "./app-process.ts";
import { describeApps, type Installation } from "./apps.ts";
import { ChildrenFile } from "./children-file.ts";
import { type Database, openDatabase } from "./database.ts";
import { openFrontDoor } from "./front-door.ts";
import { explainFullDisk } from "./full-disk.ts";
import { type Colour, createLineWriter, type LinePrinter, type LineWriter } from "./log-lines.ts";
import type { Options } from "./options.ts";
import { requireRedis } from "./redis.ts";
import { buildAgentInBackground, createFirstOwnerLink, migrate, seedDemo } from "./scripts.ts";
import { provideSecrets, provideSigningKey } from "./secrets.ts";
import { StartError } from "./start-error.ts";
import { provideWeb } from "./web-build.ts";

export interface StartRequest {
  readonly root: string;
  readonly options: Options;
  /** Aborted to stop everything. */
  readonly stopping: AbortSignal;
  print(line: string): void;
}

/** What `<data-dir>/ready.json` says while everything runs, for scripts that wait for it. */
export interface ReadyNote {
  readonly publicUrl: string;
  readonly firstOwnerLink: string | null;
  readonly supervisorPid: number;
  readonly readyAfterMs: number;
  /** How to sign in to the demo fleet; null without one. */
  readonly demoNote: string | null;
}

const appStartTimeoutMs = 60_000;
const appColours: Readonly<Record<string, Colour>> = { web: "cyan", gateway: "magenta", worker: "blue" };

/**
 * Starts everything, tells where it is, and returns once `stopping` was aborted and all of it has stopped.
 * Throws StartError, with nothing left running, when something that it needs is missing.
 */
export async function startMailstead(request: StartRequest): Promise<void> {
  const { options, stopping } = request;
  const startedAt = performance.now();
  const log = createLog(request);
  const undo: (() => Promise<void> | void)[] = [];
  try {
    makeDataDir(options.dataDir);
    const lock = lockDataDir(options.dataDir);
    undo.push(() => lock.release());
    rmSync(readyFile(options.dataDir), { force: true });
    const children = new ChildrenFile(options.dataDir);
    const leftovers = await children.endLeftovers();
    if (leftovers > 0) log.notice(`ended ${leftovers} processes that an earlier start left behind`);

    const own = [options.port];
    const ports: Ports = {
      webPort: await findFreePort(own),
      gatewayPort: await findFreePort(own),
      workerPort: await findFreePort(own),
    };
    const frontDoor = await openFrontDoor({ ...options, ...ports });
    undo.push(frontDoor.close);
    if (options.redisUrl !== null) await requireRedis(options.redisUrl);
    const database = await openDatabase(options, log.notice);
    undo.push(database.stop);
    log.notice(`${database.description} is up`);

    const installation = describeInstallation({ request, database, ports });
    const { webBuild, demoNote } = await prepare(installation, { log, stopping });
    const apps = describeApps(installation, webBuild.serverFile).map(
      (spec) =>
        new AppProcess(spec, {
          output: log.writer(spec.name),
          notice: log.notice,
          started: (pid, identity) => children.add(pid, identity),
        }),
    );
    undo.push(
      () => children.forget(),
      () => stopAll(apps),
    );
    await startAll(apps, stopping);

    const setup = { output: log.writer("setup"), signal: stopping };
    const firstOwnerLink = await createFirstOwnerLink(installation, setup);
    const readyAfterMs = Math.round(performance.now() - startedAt);
    announce(request, {
      publicUrl: options.publicUrl,
      firstOwnerLink,
      supervisorPid: process.pid,
      readyAfterMs,
      demoNote,
    });
    undo.push(() => rmSync(readyFile(options.dataDir), { force: true }));

    const agentBuild = buildAgentInBackground(installation, {
      output: log.writer("release"),
      notice: log.notice,
      signal: stopping,
    });
    undo.push(() => agentBuild);
    await aborted(stopping);
    log.notice("stopping");
  } catch (error) {
    if (!stopping.aborted) throw explainFullDisk(error, options.dataDir);
  } finally {
    for (const step of undo.reverse()) {
      // One part that does not stop must not keep the others from stopping.
      await (async () => step())().catch((error: unknown) => log.notice(`${error}`));
    }
    // After a failure the last line is the sentence about it, which the caller prints.
    if (stopping.aborted) log.notice("stopped");
  }
}

type Ports = Pick<Installation, "webPort" | "gatewayPort" | "workerPort">;

/** Everything that must be done before the apps can start: schema, dashboard build, demo data. */
async function prepare(installation: Installation, { log, stopping }: { log: Log; stopping: AbortSignal }) {
  const building = provideWeb(installation.root, {
    output: log.writer("build"),
    notice: log.notice,
    signal: stopping,
  });
  const setup = { output: log.writer("setup"), signal: stopping };
  const results = await Promise.allSettled([migrate(installation, setup), building]);
  for (const result of results) if (result.status === "rejected") throw result.reason;
  const demoNote = installation.options.isDemo ? await seedDemo(installation, setup) : null;
  return { webBuild: await building, demoNote };
}

function describeInstallation({
  request,
  database,
  ports,
}: {
  request: StartRequest;
  database: Database;
  ports: Ports;
}): Installation {
  const { dataDir } = request.options;
  return {
    root: request.root,
    options: request.options,
    adminUrl: database.adminUrl,
    secrets: provideSecrets(dataDir),
    signingKey: provideSigningKey(dataDir),
    releasesDir: join(dataDir, "releases"),
    ...ports,
  };
}

function makeDataDir(dataDir: string): void {
  try {
    // Others may pass through, because the embedded Postgres of root runs as nobody, but not look around.
    mkdirSync(dataDir, { recursive: true, mode: 0o711 });
  } catch (cause) {
    throw new StartError(
      `Cannot make the folder ${dataDir} (${(cause as Error).message}); choose another with --data-dir.`,
      { cause },
    );
  }
}

function lockDataDir(dataDir: string): FileLock {
  const lock = tryLock(join(dataDir, "lock"));
  if ("release" in lock) return lock;
  throw new StartError(
    `Mailstead already runs on ${dataDir} (process ${lock.heldBy}); stop it with Ctrl-C there, or choose another place with --data-dir.`,
  );
}

/** The first app that fails is the one to name: a gateway, for one, waits in vain for a worker that has ended. */
async function startAll(apps: readonly AppProcess[], stopping: AbortSignal): Promise<void> {
  const failed = new AbortController();
  const anyEnd = AbortSignal.any([stopping, failed.signal]);
  const starting = apps.map((app) => app.start({ timeoutMs: appStartTimeoutMs, stopping: anyEnd }));
  try {
    await Promise.all(starting);
  } catch (cause) {
    failed.abort();
    await Promise.allSettled(starting);
    throw new StartError(`${(cause as Error).message}; its last lines stand above.`, { cause });
  }
}

async function stopAll(apps: readonly AppProcess[]): Promise<void> {
  await Promise.all(apps.map((app) => app.stop()));
}

function readyFile(dataDir: string): string {
  return join(dataDir, "ready.json");
}

function announce({ options, print }: StartRequest, note: ReadyNote): void {
  writeFileSync(readyFile(options.dataDir), `${JSON.stringify(note, null, 2)}\n`, { mode: 0o600 });
  print("");
  print(`  Mailstead is ready after ${(note.readyAfterMs / 1000).toFixed(1)} s.`);
  print("");
  print(`  Dashboard    ${note.publicUrl}`);
  if (note.firstOwnerLink !== null) print(`  First owner  ${note.firstOwnerLink}`);
  if (note.demoNote !== null) print(`  Demo         ${note.demoNote}`);
  print(`  Data         ${options.dataDir}`);
  if (new URL(note.publicUrl).hostname === "localhost")
    print(`  For hosts    npm run up -- --host 0.0.0.0 --public-url http://THIS-MACHINE:${options.port}`);
  print("  Stop         Ctrl-C");
  print("");
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    // A pending promise does not keep the process alive, the front door's socket does.
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

interface Log {
  writer(name: string): LineWriter;
  notice(sentence: string): void;
}

function createLog({ print }: StartRequest): Log {
  const printer: LinePrinter = { nameWidth: 8, hasColour: process.stdout.isTTY === true, print };
  const own = createLineWriter(printer, "up", "green");
  return {
    writer: (name) => createLineWriter(printer, name, appColours[name] ?? "yellow"),
    notice: (sentence) => own.write(`${sentence}\n`),
  };
}
