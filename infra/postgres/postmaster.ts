import { spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { Client } from "pg";
import { identifyProcess, isProcessAlive, waitForExit } from "../processes/process-identity.ts";
import { type Access, databaseUrl } from "./access.ts";
import { type LaunchContext, noSpaceError } from "./init-cluster.ts";
import { PostgresError } from "./postgres-error.ts";
import { commandAs } from "./run-as.ts";

export interface Postmaster {
  readonly pid: number;
  readonly cluster: string;
}

/** Recovery after a crash replays the write-ahead log, which takes a while on a slow disk. */
const startTimeoutMs = 120_000;
const answerTimeoutMs = 3_000;
const fastStopTimeoutMs = 20_000;
const immediateStopTimeoutMs = 5_000;
const silentStopTimeoutMs = 1_500;
const logSizeBytesMax = 16 * 1024 * 1024;

/** The postmaster that serves this cluster now, if any, however long ago its launcher died. */
export function findRunningPostmaster(cluster: string): Postmaster | null {
  const pid = readPostmasterPid(cluster);
  return pid !== null && servesCluster(pid, cluster) ? { pid, cluster } : null;
}

export type Sign = "accepting" | "starting" | "silent";

/** Whether the password opens the server, and the server says that it is the one of this cluster. */
export async function askPostmaster(access: Access, postmaster: Postmaster): Promise<Sign> {
  const client = new Client({
    connectionString: databaseUrl(access, "postgres"),
    connectionTimeoutMillis: answerTimeoutMs,
    query_timeout: answerTimeoutMs,
  });
  client.on("error", () => undefined); // The server may go away while it is being asked; the answer is then "silent".
  try {
    await client.connect();
    const { rows } = await client.query<{ folder: string }>(
      "select current_setting('data_directory') as folder",
    );
    const isOurs = rows[0] !== undefined && realpathSync(rows[0].folder) === realpathSync(postmaster.cluster);
    return isOurs ? "accepting" : "silent";
  } catch (error) {
    const cannotConnectNow = "57P03";
    return (error as { code?: string }).code === cannotConnectNow ? "starting" : "silent";
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Waits out the recovery of a server that is starting; true when it then accepts. */
export async function isAnswering(access: Access, postmaster: Postmaster): Promise<boolean> {
  const deadline = Date.now() + startTimeoutMs;
  for (;;) {
    const sign = await askPostmaster(access, postmaster);
    if (sign !== "starting" || Date.now() > deadline) return sign === "accepting";
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Starts the server and waits until it answers and has the database `mailstead`. */
export async function startPostmaster(
  context: LaunchContext,
  access: Access,
): Promise<Postmaster | "port-taken"> {
  const { paths } = context;
  const deadline = Date.now() + startTimeoutMs;
  for (;;) {
    await clearLeftovers(paths.cluster);
    const logStart = rotateLog(paths.log);
    const pid = await spawnPostgres(context, access);
    const postmaster: Postmaster = { pid, cluster: paths.cluster };
    while (isProcessAlive(pid)) {
      if ((await askPostmaster(access, postmaster)) === "accepting") {
        await createMailsteadDatabase(access);
        return postmaster;
      }
      if (Date.now() > deadline) {
        await stopPostmaster(postmaster);
        throw new PostgresError(
          `Postgres did not answer within ${startTimeoutMs / 1000} s; see ${paths.log}.`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    const log = readFileSync(paths.log, "utf8").slice(logStart);
    if (/Address already in use|could not create any TCP\/IP sockets/.test(log)) return "port-taken";
    if (/No space left on device/.test(log)) throw noSpaceError(dirname(paths.cluster));
    const isWaitingForOldChildren = /pre-existing shared memory block/.test(log);
    if (!isWaitingForOldChildren || Date.now() > deadline)
      throw new PostgresError(`Postgres stopped at once: ${lastComplaint(log)} (${paths.log})`);
  }
}

/** Ends sessions and stops, committed work kept; falls back to an immediate stop, which recovery repairs. */
export async function stopPostmaster(postmaster: Postmaster): Promise<void> {
  await signalUntilGone(postmaster, [
    ["SIGINT", fastStopTimeoutMs],
    ["SIGQUIT", immediateStopTimeoutMs],
    ["SIGKILL", immediateStopTimeoutMs],
  ]);
}

/** Ends a server that does not answer; recovery repairs what it leaves. */
export async function endSilentPostmaster(postmaster: Postmaster): Promise<void> {
  await signalUntilGone(postmaster, [
    ["SIGQUIT", silentStopTimeoutMs],
    ["SIGKILL", immediateStopTimeoutMs],
  ]);
}

async function signalUntilGone(
  { pid, cluster }: Postmaster,
  signals: readonly (readonly [signal: NodeJS.Signals, timeoutMs: number])[],
): Promise<void> {
  if (!servesCluster(pid, cluster)) return;
  for (const [signal, timeoutMs] of signals) {
    if (!isProcessAlive(pid)) return;
    process.kill(pid, signal);
    if (await waitForExit(pid, timeoutMs)) return;
  }
  throw new PostgresError(`Postgres (process ${pid}) does not stop; end it by hand.`);
}

function spawnPostgres({ binaries, runAs, paths, options }: LaunchContext, access: Access): Promise<number> {
  const settings: Record<string, string> = {
    port: String(access.port),
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: "200",
    timezone: "UTC",
    log_timezone: "UTC",
    ...(options.disposable
      ? {
          fsync: "off",
          synchronous_commit: "off",
          full_page_writes: "off",
          wal_level: "minimal",
          max_wal_senders: "0",
          autovacuum: "off",
        }
      : {}),
    ...options.settings,
  };
  const args = [
    "-D",
    paths.cluster,
    ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
  ];
  const run = commandAs(runAs, binaries.postgres, args);
  const log = openSync(paths.log, "a", 0o600);
  return new Promise((resolve, reject) => {
    const child = spawn(run.command, run.args, {
      ...run.options,
      cwd: "/",
      // Its own process group: Ctrl-C reaches the launcher, which stops the database last.
      detached: true,
      env: { LC_ALL: "C", TZ: "UTC", LD_LIBRARY_PATH: binaries.libraryDir, PATH: "/usr/bin:/bin" },
      stdio: ["ignore", log, log],
    });
    closeSync(log);
    child.once("error", (cause) =>
      reject(new PostgresError(`Cannot start Postgres: ${cause.message}.`, { cause })),
    );
    child.once("spawn", () => {
      child.unref();
      resolve(child.pid as number);
    });
  });
}

async function createMailsteadDatabase(access: Access): Promise<void> {
  const client = new Client({ connectionString: databaseUrl(access, "postgres") });
  await client.connect();
  try {
    const { rowCount } = await client.query("select from pg_database where datname = 'mailstead'");
    if (rowCount === 0) await client.query("create database mailstead");
  } catch (error) {
    const duplicateDatabase = "42P04";
    if ((error as { code?: string }).code !== duplicateDatabase) throw error;
  } finally {
    await client.end();
  }
}

/** Ends server children whose postmaster was killed, and drops a pid file that now names a foreign process. */
async function clearLeftovers(cluster: string): Promise<void> {
  for (const pid of findOrphans(cluster)) {
    process.kill(pid, "SIGQUIT");
    if (!(await waitForExit(pid, immediateStopTimeoutMs))) process.kill(pid, "SIGKILL");
  }
  const pid = readPostmasterPid(cluster);
  if (pid !== null && !servesCluster(pid, cluster)) rmSync(join(cluster, "postmaster.pid"), { force: true });
}

function findOrphans(cluster: string): number[] {
  if (process.platform !== "linux" || !existsSync(cluster)) return [];
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && servesCluster(pid, cluster));
}

/** Every Postgres process works in its cluster's folder; asking for that tells it from a stranger that got the same pid. */
function servesCluster(pid: number, cluster: string): boolean {
  if (identifyProcess(pid) === null) return false;
  if (process.platform !== "linux") return true;
  try {
    return (
      readlinkSync(`/proc/${pid}/cwd`) === realpathSync(cluster) &&
      readFileSync(`/proc/${pid}/comm`, "utf8").startsWith("postgres")
    );
  } catch {
    return false; // Gone meanwhile, or of another user.
  }
}

function readPostmasterPid(cluster: string): number | null {
  const path = join(cluster, "postmaster.pid");
  if (!existsSync(path)) return null;
  const pid = Number.parseInt(readFileSync(path, "utf8"), 10);
  return Number.isInteger(pid) && pid > 0 ? pid : null;
}

/** Empties a log that grew too long; the size from which the next start's lines count. */
function rotateLog(path: string): number {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size <= logSizeBytesMax) return size;
  rmSync(path);
  return 0;
}

function lastComplaint(log: string): string {
  const lines = log.trim().split("\n");
  return (
    lines.findLast((line) => /FATAL|PANIC|error/.test(line)) ??
    lines.at(-1) ??
    "it left no message"
  ).trim();
}
