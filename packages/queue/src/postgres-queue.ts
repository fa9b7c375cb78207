import { setTimeout as wait } from "node:timers/promises";
import {
  assertSchemaCompatibility,
  LATEST_SCHEMA_VERSION,
  PostgresConnection,
  runMigrations,
  SchemaMigrationRequiredError,
} from "bullmq";

/** Apart from the tables of the truth, so that the whole queue can be dropped without touching them. */
const schema = "mailstead_queue";

// Every delivery can be derived again from rows, so none is worth waiting for the disk.
const options = "-c synchronous_commit=off";

type QueueClient = Awaited<ReturnType<PostgresConnection["pool"]["connect"]>>;

const tablesWithinMs = 30_000;
const lookAgainAfterMs = 100;

/**
 * Opens a pool for any number of queues. The role that owns the schema makes the queue's tables when they are missing;
 * any other waits until it has. Rejects with a sentence when nobody does.
 */
export async function openPostgresConnection(databaseUrl: string): Promise<PostgresConnection> {
  const connection = new PostgresConnection({ connectionString: databaseUrl, schema, max: 4, options });
  // A connection that breaks between two statements would end the process; the next statement tells of it.
  connection.pool.on("connect", (client) => client.on("error", () => undefined));
  try {
    await provideTables(connection);
  } catch (cause) {
    await connection.close();
    throw cause;
  }
  return connection;
}

async function provideTables({ pool }: PostgresConnection): Promise<void> {
  const client = await pool.connect();
  try {
    const { rows } = await client.query<{ isOwner: boolean }>(
      `select has_schema_privilege($1, 'create') as "isOwner"`,
      [schema],
    );
    if (rows[0]?.isOwner === true) await makeTables(client);
    else await untilTablesAreMade(client);
  } finally {
    client.release();
  }
}

/**
 * Our migration made the schema and gave it to the worker's role. Postgres asks for the right to make schemas even
 * when the schema is there, a right that this role does not need, so that one statement is left out.
 */
async function makeTables(client: QueueClient): Promise<void> {
  await runMigrations(
    {
      query: (text, params) =>
        text.startsWith("CREATE SCHEMA IF NOT EXISTS")
          ? Promise.resolve({ rows: [] })
          : client.query(text, params),
    },
    schema,
  );
}

/** At the first start, and after an upgrade of the queue, a gateway may be here before the worker has made them. */
async function untilTablesAreMade(client: QueueClient): Promise<void> {
  const giveUpAt = performance.now() + tablesWithinMs;
  while ((await readSchemaVersion(client)) < LATEST_SCHEMA_VERSION) {
    if (performance.now() > giveUpAt)
      throw new Error(
        `The queue's tables in the schema ${schema} are missing or older than this version needs; start a worker of this version, which makes them.`,
      );
    await wait(lookAgainAfterMs);
  }
}

async function readSchemaVersion(client: QueueClient): Promise<number> {
  try {
    return await assertSchemaCompatibility(client, schema);
  } catch (error) {
    if (error instanceof SchemaMigrationRequiredError) return 0;
    throw error;
  }
}

/** Every queue that has an entry or settings in the queue's schema. */
export async function readQueueNames({ pool }: PostgresConnection): Promise<readonly string[]> {
  const { rows } = await pool.query<{ queue: string }>(
    `select queue from ${schema}.job union select queue from ${schema}.meta`,
  );
  return rows.map(({ queue }) => queue);
}
