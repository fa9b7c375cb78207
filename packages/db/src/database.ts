import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import { Pool, type PoolClient } from "pg";
import * as schema from "./schema/index.ts";

type Query = NodePgDatabase<typeof schema>;

/** A pool of connections as one role. */
export interface Database {
  /** Outside a context: sees nothing that row level security protects. */
  readonly query: Query;
  readonly pool: Pool;
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export type Transaction = Parameters<Parameters<Query["transaction"]>[0]>[0];

export interface DatabaseOptions {
  connectionsMax?: number;
  /** Hears of connections that broke while idle; the pool opens new ones by itself. */
  onIdleError?: (error: Error) => void;
}

const defaultConnectionsMax = 10;
const connectWithinMs = 10_000;

/** Opens a pool; connections are made when they are first needed. */
export function openDatabase(url: string, options: DatabaseOptions = {}): Database {
  const pool = new Pool({
    connectionString: url,
    max: options.connectionsMax ?? defaultConnectionsMax,
    connectionTimeoutMillis: connectWithinMs,
  });
  // Without a listener a broken idle connection would end the process.
  pool.on("error", (error) => options.onIdleError?.(error));
  // The same goes for one that breaks between two statements of a transaction; the next statement tells of it.
  pool.on("connect", (client) => client.on("error", () => undefined));
  return {
    query: drizzle(pool, { schema }),
    pool,
    async transaction(work) {
      // Drizzle's own way to take a connection never gives it back when the transaction cannot begin.
      const client = await pool.connect();
      try {
        return await queryOn(client).transaction(work);
      } finally {
        client.release();
      }
    },
    close: () => pool.end(),
  };
}

const queries = new WeakMap<PoolClient, Query>();

/** Reads the schema once for each connection and not once for each transaction. */
function queryOn(client: PoolClient): Query {
  const query = queries.get(client) ?? drizzle(client, { schema });
  queries.set(client, query);
  return query;
}
