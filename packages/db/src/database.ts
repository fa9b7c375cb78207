import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import { Pool } from "pg";
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
  const query = drizzle(pool, { schema });
  return {
    query,
    pool,
    transaction: (work) => query.transaction(work),
    close: () => pool.end(),
  };
}
