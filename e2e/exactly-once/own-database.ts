import { join } from "node:path";
import { openDatabase } from "@mailstead/db";
import { migrate } from "@mailstead/db/migrate";
import type { TestDatabase } from "@mailstead/db/testing";
import { startEmbeddedPostgres } from "@mailstead/infra/postgres";
import { waitFor } from "../lab/wait-for.ts";

/** A migrated database on a Postgres of its own, which keeps what it commits as in production. */
export interface OwnDatabase extends Omit<TestDatabase, "empty"> {
  readonly port: number;
  /** Ends Postgres at once, and has it recover at the same address. */
  crash(signal: "SIGKILL" | "SIGQUIT"): Promise<void>;
}

const passwords = { appPassword: "app", systemPassword: "system", gatewayPassword: "gateway" };

/** Starts Postgres with its data below a folder, which the caller removes after `close`. */
export async function openOwnDatabase(folder: string): Promise<OwnDatabase> {
  const start = () => startEmbeddedPostgres({ dataDir: join(folder, "postgres") });
  let postgres = await start();
  const adminUrl = postgres.url;
  await migrate(adminUrl, passwords);
  const as = (user: string, password: string): string => {
    const url = new URL(adminUrl);
    url.username = user;
    url.password = password;
    return url.href;
  };
  const urls = {
    adminUrl,
    appUrl: as("mailstead_app", passwords.appPassword),
    systemUrl: as("mailstead_system", passwords.systemPassword),
    gatewayUrl: as("mailstead_gateway", passwords.gatewayPassword),
  };
  const pools = {
    admin: openDatabase(urls.adminUrl),
    app: openDatabase(urls.appUrl),
    system: openDatabase(urls.systemUrl),
    gateway: openDatabase(urls.gatewayUrl),
  };
  return {
    ...urls,
    ...pools,
    port: Number(new URL(adminUrl).port),
    async crash(signal) {
      const { pid } = postgres;
      process.kill(pid, signal);
      await waitFor("Postgres to be gone", () => !isAlive(pid), { intervalMs: 10 });
      postgres = await start();
      if (postgres.url !== adminUrl) throw new Error("Postgres came back at another address.");
    },
    async close() {
      await Promise.all(Object.values(pools).map((pool) => pool.close()));
      await postgres.stop();
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
