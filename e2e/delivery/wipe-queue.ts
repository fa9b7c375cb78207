import { waitFor } from "../lab/wait-for.ts";
import type { Plant } from "./plant.ts";

/** Loses everything that the queue in Postgres holds. */
export async function wipePostgresQueue({ admin }: Pick<Plant["database"], "admin">): Promise<void> {
  const { rows } = await admin.pool.query<{ tables: string }>(
    "select string_agg(format('mailstead_queue.%I', tablename), ', ') as tables from pg_tables where schemaname = 'mailstead_queue' and tablename <> 'migration'",
  );
  // The queue is at work meanwhile, and Postgres breaks a deadlock at the cost of either side.
  await waitFor(
    "the queue to be wiped",
    async () => {
      await admin.pool.query(`truncate ${rows[0]?.tables}`);
      return true;
    },
    { timeoutMs: 10_000 },
  );
}
