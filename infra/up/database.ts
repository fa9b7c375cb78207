import { join } from "node:path";
import { Client } from "pg";
import { type EmbeddedPostgres, PostgresError, startEmbeddedPostgres } from "../postgres/index.ts";
import { isProcessAlive } from "../processes/process-identity.ts";
import type { Options } from "./options.ts";
import { StartError } from "./start-error.ts";

export interface Database {
  /** Administrator's connection, for migrations. */
  readonly adminUrl: string;
  readonly description: string;
  stop(): Promise<void>;
}

const connectTimeoutMs = 8_000;
const watchEveryMs = 2_000;

/** Starts the embedded Postgres, or makes sure that the one of DATABASE_URL can be used. Throws StartError. */
export async function openDatabase(
  { databaseUrl, dataDir }: Pick<Options, "databaseUrl" | "dataDir">,
  notice: (sentence: string) => void,
): Promise<Database> {
  if (databaseUrl !== null) {
    await requireUsable(databaseUrl);
    return {
      adminUrl: databaseUrl,
      description: `Postgres at ${new URL(databaseUrl).host}`,
      stop: async () => undefined,
    };
  }
  const folder = join(dataDir, "postgres");
  const server = await startServer(folder);
  const watch = watchServer(folder, { server, notice });
  return {
    adminUrl: server.url,
    description: server.isReused ? "the embedded Postgres, found running," : "the embedded Postgres",
    stop: watch.stop,
  };
}

async function startServer(folder: string): Promise<EmbeddedPostgres> {
  try {
    return await startEmbeddedPostgres({ dataDir: folder });
  } catch (cause) {
    throw cause instanceof PostgresError ? new StartError(cause.message, { cause }) : cause;
  }
}

/** Starts the server again, at the same address, when it dies under us. */
function watchServer(
  folder: string,
  { server, notice }: { server: EmbeddedPostgres; notice: (sentence: string) => void },
) {
  let current = server;
  let restarting: Promise<void> | null = null;
  const restart = async () => {
    notice("the embedded Postgres ended; starting it again");
    try {
      current = await startServer(folder);
    } catch (error) {
      notice((error as Error).message);
    }
  };
  const timer = setInterval(() => {
    if (restarting || isProcessAlive(current.pid)) return;
    restarting = restart().finally(() => {
      restarting = null;
    });
  }, watchEveryMs);
  return {
    async stop() {
      clearInterval(timer);
      await restarting;
      await current.stop();
    },
  };
}

/** The same server and database for another role. */
export function urlForRole(adminUrl: string, { role, password }: { role: string; password: string }): string {
  const url = new URL(adminUrl);
  url.username = role;
  url.password = password;
  return url.href;
}

async function requireUsable(url: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: connectTimeoutMs });
  client.on("error", () => undefined); // Reported by the query that it breaks.
  try {
    await client.connect();
    const { rows } = await client.query<{ version: number; makesRoles: boolean }>(
      `select current_setting('server_version_num')::int as version, rolsuper or rolcreaterole as "makesRoles" from pg_roles where rolname = current_user`,
    );
    const versionMin = 150_000;
    if ((rows[0]?.version ?? 0) < versionMin)
      throw new StartError(
        "DATABASE_URL leads to a Postgres older than 15; upgrade it, or unset DATABASE_URL.",
      );
    if (!rows[0]?.makesRoles) {
      throw new StartError(
        "The role of DATABASE_URL may not create roles, which migrations need; grant it CREATEROLE or name an administrator.",
      );
    }
  } catch (cause) {
    throw cause instanceof StartError
      ? cause
      : new StartError(explainFailure(new URL(url), cause), { cause });
  } finally {
    await client.end().catch(() => undefined);
  }
}

function explainFailure(url: URL, cause: unknown): string {
  const { code, message } = cause as { code?: string; message: string };
  const advice = "correct DATABASE_URL, or unset it to use the Postgres that Mailstead brings";
  switch (code) {
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `DATABASE_URL names the host ${url.hostname}, which does not resolve; ${advice}.`;
    case "ECONNREFUSED":
      return `Nothing answers at ${url.host}, where DATABASE_URL leads; start that Postgres, or ${advice}.`;
    case "28P01":
    case "28000":
      return `Postgres at ${url.host} refuses the user or the password of DATABASE_URL; ${advice}.`;
    case "3D000":
      return `Postgres at ${url.host} has no database "${decodeURIComponent(url.pathname.slice(1))}"; create it, or ${advice}.`;
    default:
      return `Postgres at ${url.host} cannot be used (${message.split("\n")[0]}); ${advice}.`;
  }
}
