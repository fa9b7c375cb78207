import { createTestDatabase } from "@mailstead/infra/postgres/testing";
import { sql } from "drizzle-orm";
import { type Database, openDatabase } from "../database.ts";
import { migrate, migrationsDigest } from "../migrate.ts";
import { appRole, gatewayRole, systemRole } from "../roles.ts";

// Roles belong to the whole cluster, so every test database shares these passwords.
export const passwords = {
  appPassword: "app-for-tests",
  systemPassword: "system-for-tests",
  gatewayPassword: "gateway-for-tests",
};

export interface TestDatabase {
  readonly adminUrl: string;
  readonly appUrl: string;
  readonly systemUrl: string;
  readonly gatewayUrl: string;
  /** Superuser: for factories and for looking behind row level security. */
  readonly admin: Database;
  readonly app: Database;
  readonly system: Database;
  readonly gateway: Database;
  /** Removes every row, so that the next test of a file goes on in this database: far faster than another copy. */
  empty(): Promise<void>;
  /** Closes the pools of connections and removes the database. */
  close(): Promise<void>;
}

/** A migrated database of its own on a real Postgres, copied from a template in a few milliseconds. */
export async function openTestDatabase(): Promise<TestDatabase> {
  const created = await createTestDatabase({
    key: migrationsDigest(),
    prepare: async (url) => {
      await migrate(url, passwords);
    },
  });
  const appUrl = withUser(created.url, appRole, passwords.appPassword);
  const systemUrl = withUser(created.url, systemRole, passwords.systemPassword);
  const gatewayUrl = withUser(created.url, gatewayRole, passwords.gatewayPassword);
  const [admin, app] = [openDatabase(created.url), openDatabase(appUrl)];
  const [system, gateway] = [openDatabase(systemUrl), openDatabase(gatewayUrl)];
  return {
    adminUrl: created.url,
    appUrl,
    systemUrl,
    gatewayUrl,
    admin,
    app,
    system,
    gateway,
    async empty() {
      await admin.query.execute(emptyTables);
    },
    async close() {
      await Promise.all([admin, app, system, gateway].map((database) => database.close()));
      await created.drop();
    },
  };
}

/** Foreign keys and triggers are kept from looking at what goes as a whole. */
const emptyTables = sql`do $$
declare
  name text;
begin
  set local session_replication_role = replica;
  for name in select tablename from pg_tables where schemaname = 'public' loop
    execute format('delete from public.%I', name);
  end loop;
end
$$`;

function withUser(url: string, user: string, password: string): string {
  const changed = new URL(url);
  changed.username = user;
  changed.password = password;
  return changed.href;
}
