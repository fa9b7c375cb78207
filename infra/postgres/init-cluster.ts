import { spawn } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { adminUser } from "./access.ts";
import type { PostgresBinaries } from "./binaries.ts";
import type { ClusterPaths, EmbeddedPostgresOptions } from "./embedded-postgres.ts";
import { PostgresError } from "./postgres-error.ts";
import { commandAs, giveTo, type RunAs } from "./run-as.ts";

export interface LaunchContext {
  readonly paths: ClusterPaths;
  readonly binaries: PostgresBinaries;
  readonly runAs: RunAs;
  readonly options: EmbeddedPostgresOptions;
}

const mebibyte = 1024 * 1024;
/** A new cluster takes 40 MiB; its first write-ahead log segments and the first data come on top. */
const freeBytesMin = 256 * mebibyte;

/** Makes the cluster unless it is there. An initdb that was interrupted leaves nothing that counts as a cluster. */
export async function initCluster(context: LaunchContext, password: string): Promise<void> {
  const { paths, runAs, options } = context;
  if (existsSync(paths.cluster)) return;
  requireFreeSpace(dirname(paths.cluster));

  const aside = `${paths.cluster}.new`;
  const passwordFile = `${paths.cluster}.password`;
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(aside, { mode: 0o700 });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  try {
    giveTo(runAs, aside);
    giveTo(runAs, passwordFile);
    await runInitdb(context, [
      `--pgdata=${aside}`,
      `--username=${adminUser}`,
      `--pwfile=${passwordFile}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      // Postgres' own locale sorts alike on every host; that of the system or of ICU changes with their versions.
      "--locale-provider=builtin",
      "--builtin-locale=C.UTF-8",
      "--locale=C",
      ...(options.disposable ? ["--no-sync"] : []),
    ]);
    renameSync(aside, paths.cluster);
  } finally {
    rmSync(passwordFile, { force: true });
    rmSync(aside, { recursive: true, force: true });
  }
}

function runInitdb({ binaries, runAs, paths }: LaunchContext, args: readonly string[]): Promise<void> {
  const run = commandAs(runAs, binaries.initdb, args);
  return new Promise((resolve, reject) => {
    const child = spawn(run.command, run.args, {
      ...run.options,
      cwd: "/",
      env: { LC_ALL: "C", TZ: "UTC", LD_LIBRARY_PATH: binaries.libraryDir, PATH: "/usr/bin:/bin" },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let errors = "";
    child.stderr?.on("data", (chunk) => {
      errors += chunk;
    });
    child.once("error", reject);
    child.once("close", (code) =>
      code === 0 ? resolve() : reject(initdbError(dirname(paths.cluster), errors)),
    );
  });
}

function initdbError(dataDir: string, errors: string): PostgresError {
  if (/No space left on device/.test(errors)) return noSpaceError(dataDir);
  const reason =
    errors.split("\n").find((line) => /error|FATAL/i.test(line)) ??
    errors.trim().split("\n").at(-1) ??
    "no output";
  return new PostgresError(`Postgres could not make its database in ${dataDir}: ${reason.trim()}`);
}

export function noSpaceError(dataDir: string): PostgresError {
  return new PostgresError(
    `The disk that holds ${dataDir} is full; free at least ${freeBytesMin / mebibyte} MiB or choose another place with --data-dir.`,
  );
}

function requireFreeSpace(folder: string): void {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < freeBytesMin) throw noSpaceError(folder);
}
