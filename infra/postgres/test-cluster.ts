import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isLockHeld, withFileLock } from "../processes/file-lock.ts";
import { identifyProcess } from "../processes/process-identity.ts";
import { locatePostgresBinaries } from "./binaries.ts";
import { startEmbeddedPostgres } from "./embedded-postgres.ts";
import { PostgresError } from "./postgres-error.ts";

export interface TestCluster {
  readonly folder: string;
  readonly url: string;
}

let joined: Promise<TestCluster> | undefined;

/** The one throw-away cluster of this user and these binaries, shared by all test processes; started by whoever asks first. */
export function joinTestCluster(): Promise<TestCluster> {
  joined ??= joinOnce();
  return joined;
}

async function joinOnce(): Promise<TestCluster> {
  const folder = testClusterFolder();
  for (;;) {
    makePrivateFolder(folder);
    try {
      return await withFileLock(lockFile(folder), () => startAndLease(folder));
    } catch (error) {
      // The keeper removed the idle cluster while this process waited for the lock inside its folder.
      if ((error as NodeJS.ErrnoException).code !== "ENOENT" || existsSync(folder)) throw error;
    }
  }
}

async function startAndLease(folder: string): Promise<TestCluster> {
  const settings = { max_connections: "400" };
  const { url } = await startEmbeddedPostgres({ dataDir: folder, disposable: true, settings });
  takeLease(folder);
  startKeeper(folder);
  return { folder, url };
}

export function lockFile(folder: string): string {
  return join(folder, "lock");
}

export function keeperLockFile(folder: string): string {
  return join(folder, "keeper");
}

/** Stops the cluster and removes every trace of it, unless a living process still uses it. True when it is gone. */
export async function removeTestClusterIfUnused(folder: string): Promise<boolean> {
  return await withFileLock(lockFile(folder), async () => {
    if (hasLivingLease(folder)) return false;
    const server = await startEmbeddedPostgres({ dataDir: folder, disposable: true });
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
    return true;
  });
}

/** Removes the cluster now, if there is one and no living process uses it. */
export async function removeIdleTestCluster(): Promise<void> {
  const folder = testClusterFolder();
  if (existsSync(folder)) await removeTestClusterIfUnused(folder);
}

export function hasLivingLease(folder: string): boolean {
  return readdirSync(leaseFolder(folder)).some((name) => {
    const isLiving = identifyProcess(Number(name)) === readFileSync(join(leaseFolder(folder), name), "utf8");
    if (!isLiving) rmSync(join(leaseFolder(folder), name), { force: true });
    return isLiving;
  });
}

function testClusterFolder(): string {
  const user = process.getuid?.() ?? 0;
  const key = createHash("sha256").update(locatePostgresBinaries().root).digest("hex").slice(0, 12);
  return join(tmpdir(), `mailstead-test-postgres-${user}-${key}`);
}

function leaseFolder(folder: string): string {
  return join(folder, "leases");
}

/** Says that this process needs the cluster; a killed process cannot give its lease back, so leases are checked against its life. */
function takeLease(folder: string): void {
  const lease = join(leaseFolder(folder), String(process.pid));
  writeFileSync(lease, identifyProcess(process.pid) ?? "", { mode: 0o600 });
  process.once("exit", () => rmSync(lease, { force: true }));
}

function startKeeper(folder: string): void {
  if (isLockHeld(keeperLockFile(folder))) return;
  const keeper = fileURLToPath(new URL("keep-test-cluster.ts", import.meta.url));
  spawn(process.execPath, [keeper, folder], { detached: true, stdio: "ignore", cwd: "/" }).unref();
}

/** Refuses a folder that another user prepared in the shared temporary folder. */
function makePrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  const stats = lstatSync(folder);
  if (!stats.isDirectory() || stats.uid !== (process.getuid?.() ?? stats.uid)) {
    throw new PostgresError(`${folder} belongs to someone else; remove it or set TMPDIR.`);
  }
  mkdirSync(leaseFolder(folder), { recursive: true, mode: 0o700 });
}
