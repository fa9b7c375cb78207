import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrate } from "@mailstead/db/migrate";
import { startEmbeddedPostgres } from "@mailstead/infra/postgres";
import { Client } from "pg";
import { seedCounts } from "./seed-counts.ts";
import { seedFleet } from "./seed-fleet.ts";
import { seedRest } from "./seed-rest.ts";
import type { FleetSize } from "./size.ts";

/** Passwords of the roles of a database that only this machine reaches, and that goes with the bench. */
export const passwords = {
  appPassword: "app-for-the-bench",
  systemPassword: "system-for-the-bench",
  gatewayPassword: "gateway-for-the-bench",
};

/** A Postgres of its own, filled with a fleet. */
export interface SeededFleet {
  readonly adminUrl: string;
  readonly minuteRows: number;
  readonly seedS: number;
  close(): Promise<void>;
}

/** As for a database of this size on a machine that does other things too; the rest is left as it comes. */
const settings = {
  shared_buffers: "2GB",
  effective_cache_size: "8GB",
  random_page_cost: "1.1",
  max_wal_size: "1GB",
  autovacuum: "on",
};

/** Starts it and fills it, or takes what lies in `folder` from an earlier run; a folder that is named is kept. */
export async function openFleet(
  size: FleetSize,
  { folder, log }: { folder: string | null; log: (line: string) => void },
): Promise<SeededFleet> {
  const dataDir = folder ?? (await mkdtemp(join(tmpdir(), "mailstead-bench-")));
  if (folder === null) await chmod(dataDir, 0o711); // Postgres runs as nobody and must pass through.
  const postgres = await startEmbeddedPostgres({ dataDir, disposable: true, settings });
  const close = async () => {
    await postgres.stop();
    if (folder === null) await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const begunAt = performance.now();
    await migrate(postgres.url, passwords);
    const minuteRows = (await readSeeded(postgres.url)) ?? (await seed(postgres.url, size, log));
    return { adminUrl: postgres.url, minuteRows, seedS: (performance.now() - begunAt) / 1000, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** How many rows of minutes an earlier run has left; null where it left none or did not end. */
function readSeeded(url: string): Promise<number | null> {
  return withClient(url, async (client) => {
    const { rows: known } = await client.query("select to_regclass('bench.seeded') is not null as is");
    if (known[0]?.is !== true) return null;
    const { rows } = await client.query<{ rows: string }>("select minute_rows as rows from bench.seeded");
    return Number(rows[0]?.rows);
  });
}

async function seed(url: string, size: FleetSize, log: (line: string) => void): Promise<number> {
  return withClient(url, async (client) => {
    await seedFleet(client, size);
    log("organisations, servers and domains are there");
    const minuteRows = await seedCounts(client, size, { until: new Date(), log });
    await seedRest(client, { days: size.dayDays });
    log("reports, feeds, findings and the rest are there");
    await client.query("vacuum (analyze)");
    await client.query(`create table bench.seeded as select ${minuteRows}::bigint as minute_rows`);
    return minuteRows;
  });
}
