import { PostgresConnection, runMigrations } from "bullmq";

/** Apart from the tables of the truth, so that the whole queue can be dropped without touching them. */
const schema = "mailstead_queue";

// Every delivery can be derived again from rows, so none is worth waiting for the disk.
const options = "-c synchronous_commit=off";

/** Opens a pool for any number of queues, with the queue's tables made when they are missing. */
export async function openPostgresConnection(databaseUrl: string): Promise<PostgresConnection> {
  const connection = new PostgresConnection({ connectionString: databaseUrl, schema, max: 4, options });
  try {
    await makeTables(connection);
  } catch (cause) {
    await connection.close();
    throw cause;
  }
  return connection;
}

/**
 * Our migration made the schema and gave it to the role of gateway and worker. Postgres asks for the right to make
 * schemas even when the schema is there, a right that this role does not need, so that one statement is left out.
 */
async function makeTables({ pool }: PostgresConnection): Promise<void> {
  const client = await pool.connect();
  try {
    await runMigrations(
      {
        query: (text, params) =>
          text.startsWith("CREATE SCHEMA IF NOT EXISTS")
            ? Promise.resolve({ rows: [] })
            : client.query(text, params),
      },
      schema,
    );
  } finally {
    client.release();
  }
}
