import { isTimeSure, type KeptTime } from "@mailstead/core/clock";
import type { Transaction } from "@mailstead/db";
import { sql } from "drizzle-orm";

/** Whether a wait may end now, by what the clocks said when a worker compared them last. */
export async function isTimeSureNow(tx: Transaction, ctx: { now(): Date }): Promise<boolean> {
  return isTimeSure(await readKeptTime(tx), ctx.now());
}

/** What the clocks said last, as the web's role may know it; null before a worker ever compared them. */
export async function readKeptTime(tx: Transaction): Promise<KeptTime | null> {
  const { rows } = await tx.execute<{ worker_at: string; database_at: string; skew_ms: string | null }>(
    sql`select worker_at::text, database_at::text, skew_ms::text from kept_time()`,
  );
  const [row] = rows;
  if (row === undefined) return null;
  return {
    workerAt: new Date(row.worker_at),
    databaseAt: new Date(row.database_at),
    skewMs: row.skew_ms === null ? null : Number(row.skew_ms),
  };
}
