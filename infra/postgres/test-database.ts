import { randomUUID } from "node:crypto";
import { Client } from "pg";
import { joinTestCluster } from "./test-cluster.ts";

export interface DatabaseTemplate {
  /** Changes whenever `prepare` would make something else, as a hash of the migrations does: [0-9a-z]+. */
  readonly key: string;
  /** Fills the empty database; leaves no connection open. */
  prepare(url: string): Promise<void>;
}

export interface TestDatabase {
  /** Superuser connection to a database of its own. */
  readonly url: string;
  /** Ends its connections and removes it. */
  drop(): Promise<void>;
}

/** Any number that nobody else locks: templates are made one at a time in the whole cluster, since roles are shared by it. */
const templateLock = 726_501;

/** A new database, copied from the template, which is prepared once per cluster. */
export async function createTestDatabase(template: DatabaseTemplate): Promise<TestDatabase> {
  const cluster = await joinTestCluster();
  const templateName = await provideTemplate(cluster.url, template);
  const name = `test_${process.pid}_${randomUUID().slice(0, 8)}`;
  await withClient(cluster.url, (client) =>
    client.query(`create database ${name} template ${templateName} strategy file_copy`),
  );
  return {
    url: withDatabase(cluster.url, name),
    drop: () =>
      withClient(cluster.url, async (client) => {
        await client.query(`drop database if exists ${name} with (force)`);
      }),
  };
}

async function provideTemplate(url: string, { key, prepare }: DatabaseTemplate): Promise<string> {
  if (!/^[0-9a-z]{1,40}$/.test(key))
    throw new Error(`A template key is 1 to 40 characters of 0-9 and a-z, not "${key}".`);
  const name = `template_${key}`;
  await withClient(url, async (client) => {
    const exists = async () =>
      ((await client.query("select from pg_database where datname = $1", [name])).rowCount ?? 0) > 0;
    if (await exists()) return;
    await client.query("select pg_advisory_lock($1)", [templateLock]);
    if (await exists()) return;
    const unfinished = `${name}_unfinished`;
    await client.query(`drop database if exists ${unfinished} with (force)`);
    await client.query(`create database ${unfinished}`);
    await prepare(withDatabase(url, unfinished));
    await client.query(`alter database ${unfinished} rename to ${name}`);
  });
  return name;
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

function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}
