import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  type Access,
  databaseUrl,
  findFreePort,
  generatePassword,
  readAccess,
  writeAccess,
} from "./access.ts";
import { locatePostgresBinaries } from "./binaries.ts";
import { initCluster } from "./init-cluster.ts";
import { PostgresError } from "./postgres-error.ts";
import {
  endSilentPostmaster,
  findRunningPostmaster,
  isAnswering,
  type Postmaster,
  startPostmaster,
  stopPostmaster,
} from "./postmaster.ts";
import { chooseRunAs, giveTo } from "./run-as.ts";

export interface EmbeddedPostgresOptions {
  /** Holds the cluster, its log and its password file; made when missing. */
  readonly dataDir: string;
  /** Server settings that are added on the command line. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Give up safety against power loss for speed: only for data that may vanish. */
  readonly disposable?: boolean;
}

export interface EmbeddedPostgres {
  /** Superuser connection to the database `mailstead`. */
  readonly url: string;
  /** True when a server left behind by an earlier launcher was found running and taken over. */
  readonly isReused: boolean;
  readonly pid: number;
  /** Stops the server without losing committed work, whoever started it. */
  stop(): Promise<void>;
}

export interface ClusterPaths {
  readonly cluster: string;
  readonly log: string;
  readonly access: string;
}

const portAttemptsMax = 5;

/**
 * Starts the Postgres that npm brought, on 127.0.0.1 and a free port, as root or not. A server that outlived its
 * launcher is reused, or stopped and restarted when it does not answer. Throws PostgresError with one clear sentence.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const paths = clusterPaths(options.dataDir);
  const binaries = locatePostgresBinaries();
  makeDataDir(options.dataDir);
  const runAs = chooseRunAs(resolve(options.dataDir), binaries.postgres);
  const context = { paths, binaries, runAs, options };

  const running = findRunningPostmaster(paths.cluster);
  const known = readAccess(paths.access);
  if (running && known && (await isAnswering(known, running))) return handleOf(known, running, true);
  if (running) await endSilentPostmaster(running);

  const password = known?.password ?? generatePassword();
  const preferredPort = known?.port ?? (await findFreePort());
  writeAccess(paths.access, { port: preferredPort, password });
  await initCluster(context, password);
  giveTo(runAs, paths.cluster);

  for (
    let attempt = 1, port = preferredPort;
    attempt <= portAttemptsMax;
    attempt++, port = await findFreePort()
  ) {
    const access: Access = { port, password };
    writeAccess(paths.access, access);
    const started = await startPostmaster(context, access);
    if (started !== "port-taken") return handleOf(access, started, false);
  }
  throw new PostgresError(
    `Postgres found no free port on 127.0.0.1 in ${portAttemptsMax} attempts; see ${paths.log}.`,
  );
}

/** The superuser connection to a cluster that was started in this folder before; null when there is none. */
export function readEmbeddedAddress(dataDir: string): string | null {
  const access = readAccess(clusterPaths(dataDir).access);
  return access && databaseUrl(access, "mailstead");
}

export function clusterPaths(dataDir: string): ClusterPaths {
  const root = resolve(dataDir);
  return {
    cluster: join(root, "cluster"),
    log: join(root, "postgres.log"),
    access: join(root, "access.json"),
  };
}

function makeDataDir(dataDir: string): void {
  try {
    // Others may pass through (Postgres may run as nobody) but not look around.
    mkdirSync(dataDir, { recursive: true, mode: 0o711 });
  } catch (cause) {
    throw new PostgresError(`Cannot make the folder ${dataDir} for Postgres: ${(cause as Error).message}.`, {
      cause,
    });
  }
}

function handleOf(access: Access, postmaster: Postmaster, isReused: boolean): EmbeddedPostgres {
  return {
    url: databaseUrl(access, "mailstead"),
    isReused,
    pid: postmaster.pid,
    stop: () => stopPostmaster(postmaster),
  };
}
