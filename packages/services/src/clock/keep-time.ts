import { judgeClocks, type KeptTime, mustMoveWaits } from "@mailstead/core/clock";
import { type Transaction, timeKept } from "@mailstead/db";
import { sql } from "drizzle-orm";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";
import { moveWaits } from "./move-waits.ts";

/** What came of comparing the clocks. */
export interface TimeKept {
  /** By how much the worker's clock is ahead while the two disagree; null while they agree. */
  skewMs: number | null;
  /** Whether that is news. */
  isNew: boolean;
  /** By how much what is waited for was moved, since so much was not lived through; null when nothing was. */
  movedMs: number | null;
}

/**
 * Compares the worker's clock with the database's. While they disagree no wait ends; once they agree, what is waited for is
 * moved by the time that nobody lived through, so that a clock that is set, and a worker that stood still, end nothing early.
 */
export async function keepTime(
  ctx: SystemContext,
  { readDatabaseClock = askDatabase }: { readDatabaseClock?: (tx: Transaction) => Promise<Date> } = {},
): Promise<TimeKept> {
  return withSystemTransaction(ctx, async (tx) => {
    const kept = await lockKept(tx);
    const databaseAt = await readDatabaseClock(tx);
    const now = { workerAt: ctx.now(), databaseAt };
    const verdict = judgeClocks(kept, now);
    if (verdict.kind === "disagree") {
      const { skewMs } = verdict;
      await save(tx, kept === null ? { ...now, skewMs } : { ...kept, skewMs });
      return { skewMs, isNew: kept?.skewMs == null, movedMs: null };
    }
    const { unlivedMs } = verdict;
    const isMoving = mustMoveWaits(kept, verdict);
    if (isMoving) await moveWaits(tx, { unlivedMs, now: now.workerAt });
    await save(tx, { ...now, skewMs: null });
    return {
      skewMs: null,
      isNew: kept !== null && kept.skewMs !== null,
      movedMs: isMoving ? unlivedMs : null,
    };
  });
}

/** Workers come one after the other, so that none counts a time that another has counted. */
async function lockKept(tx: Transaction): Promise<KeptTime | null> {
  const [row] = await tx.select().from(timeKept).for("update");
  return row === undefined
    ? null
    : { workerAt: row.workerAt, databaseAt: row.databaseAt, skewMs: row.skewMs };
}

async function save(tx: Transaction, kept: KeptTime): Promise<void> {
  await tx.insert(timeKept).values(kept).onConflictDoUpdate({ target: timeKept.isOnly, set: kept });
}

async function askDatabase(tx: Transaction): Promise<Date> {
  const { rows } = await tx.execute<{ at: string }>(sql`select clock_timestamp()::text as at`);
  const [row] = rows;
  if (row === undefined) throw new Error("the database did not say what time it is");
  return new Date(row.at);
}
