import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "pg";
import { readMigrateEnvironment } from "./env.ts";
import { ownerRole, prepareRoles, type RolePasswords } from "./roles.ts";

const migrationsFolder = fileURLToPath(new URL("../migrations", import.meta.url));
// Two launchers must not migrate at once; the number is ours alone.
const migrationLock = 7_265_001;
// `return` bodies of functions and `on delete set null (column)` need it.
const oldestPostgresVersion = 150_000;

/** A migration cannot be applied; the message is a sentence for the person who starts Mailstead. */
export class MigrationError extends Error {
  override name = "MigrationError";
}

/**
 * Brings the database of `adminUrl` to the newest schema, each file in a transaction of its own, and returns the
 * names of the files applied now. Throws MigrationError when Postgres is too old or a file that was applied has changed.
 */
export async function migrate(adminUrl: string, passwords: RolePasswords): Promise<{ applied: string[] }> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query("select pg_advisory_lock($1)", [migrationLock]);
    await refuseOldPostgres(client);
    await prepareRoles(client, passwords);
    const known = await readApplied(client);
    const applied: string[] = [];
    for (const migration of readMigrations()) {
      const digest = known.get(migration.name);
      if (digest === undefined) {
        await applyMigration(client, migration);
        applied.push(migration.name);
      } else if (digest !== migration.digest) {
        throw new MigrationError(
          `The migration ${migration.name} was applied to this database in another form; restore the file, or start with a new database.`,
        );
      }
    }
    return { applied };
  } finally {
    await client.end();
  }
}

/** Changes whenever a migration does; names the template database of tests. */
export function migrationsDigest(): string {
  const hash = createHash("sha256");
  for (const { name, digest } of readMigrations()) hash.update(`${name}\0${digest}\0`);
  return hash.digest("hex").slice(0, 24);
}

interface Migration {
  name: string;
  sql: string;
  digest: string;
}

function readMigrations(): Migration[] {
  return readdirSync(migrationsFolder)
    .filter((name) => name.endsWith(".sql"))
    .sort()
    .map((name) => {
      const sql = readFileSync(join(migrationsFolder, name), "utf8");
      return { name, sql, digest: createHash("sha256").update(sql).digest("hex") };
    });
}

async function refuseOldPostgres(client: Client): Promise<void> {
  const { rows } = await client.query<{ number: string; version: string }>(
    "select current_setting('server_version_num') as number, current_setting('server_version') as version",
  );
  if (Number(rows[0]?.number) < oldestPostgresVersion)
    throw new MigrationError(
      `Mailstead needs Postgres ${oldestPostgresVersion / 10_000} or newer; this server is ${rows[0]?.version}.`,
    );
}

async function readApplied(client: Client): Promise<Map<string, string>> {
  await client.query("create schema if not exists mailstead_migrations");
  await client.query(`create table if not exists mailstead_migrations.applied
    (name text primary key, digest text not null, applied_at timestamptz not null default now())`);
  const { rows } = await client.query<{ name: string; digest: string }>(
    "select name, digest from mailstead_migrations.applied",
  );
  return new Map(rows.map((row) => [row.name, row.digest]));
}

async function applyMigration(client: Client, { name, sql, digest }: Migration): Promise<void> {
  await client.query("begin");
  try {
    await client.query(`set local role ${ownerRole}`);
    await client.query(sql);
    await client.query("reset role");
    await client.query("insert into mailstead_migrations.applied (name, digest) values ($1, $2)", [
      name,
      digest,
    ]);
    await client.query("commit");
  } catch (cause) {
    await client.query("rollback");
    throw new MigrationError(`The migration ${name} failed: ${(cause as Error).message}.`, { cause });
  }
}

if (import.meta.main) {
  const { adminUrl, ...passwords } = readMigrateEnvironment();
  const { applied } = await migrate(adminUrl, passwords);
  console.log(
    applied.length === 0 ? "The database is up to date." : `Applied ${applied.join(", ")} to the database.`,
  );
}
