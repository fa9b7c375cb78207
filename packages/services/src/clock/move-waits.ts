import { defaultRotationTiming } from "@mailstead/core/dkim";
import {
  dkimKeys,
  dkimRotations,
  dnsPublishedRecords,
  dnsWithdrawals,
  leftDkimKeys,
  type Transaction,
  zoneRecords,
} from "@mailstead/db";
import { and, gt, isNotNull, ne, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";

const { queueLifeMs, revokedForMs } = defaultRotationTiming;
// A record of an ended key stands for mail on its way, or says that the key is revoked.
const longestRecordMs = Math.max(queueLifeMs, revokedForMs);

/**
 * Moves everything that time alone ends by a time that was not lived through: moments since which something is waited, and
 * moments until which it is. After a clock that was set back only what lies in the future is brought to now, because nobody
 * can tell what was written before from what was written after; waits are then longer, up to a whole one, and none is shorter.
 */
export async function moveWaits(
  tx: Transaction,
  { unlivedMs, now }: { unlivedMs: number; now: Date },
): Promise<void> {
  const by = sql`make_interval(secs => ${Math.max(unlivedMs, 0) / 1000})`;
  // Nothing is waited for longer than a whole wait: a clock may have been years back before it was set.
  const later = (column: PgColumn, wholeMs: number) =>
    sql`case when ${column} is not null then least(${column} + ${by}, ${new Date(now.getTime() + wholeMs).toISOString()}::timestamptz) end`;
  // Nothing has begun in the future.
  const since = (column: PgColumn) =>
    sql`case when ${column} is not null then least(${column} + ${by}, ${now.toISOString()}::timestamptz) end`;
  await tx
    .update(dkimRotations)
    .set({ stepSince: since(dkimRotations.stepSince), lookAgainAt: now })
    .where(ne(dkimRotations.step, "done"));
  await tx
    .update(dkimKeys)
    .set({
      shownSince: since(dkimKeys.shownSince),
      endedAt: since(dkimKeys.endedAt),
      recordEndsAt: later(dkimKeys.recordEndsAt, longestRecordMs),
    })
    .where(ne(dkimKeys.state, "destroyed"));
  await tx
    .update(zoneRecords)
    .set({ leavesAt: later(zoneRecords.leavesAt, queueLifeMs) })
    .where(isNotNull(zoneRecords.leavesAt));
  await tx
    .update(dnsWithdrawals)
    .set({ nextAttemptAt: later(dnsWithdrawals.nextAttemptAt, queueLifeMs) })
    // Keys of removed domains; what goes at once waits for no time.
    .where(
      and(gt(dnsWithdrawals.nextAttemptAt, dnsWithdrawals.createdAt), sql`${dnsWithdrawals.attempts} = 0`),
    );
  await tx
    .update(dnsPublishedRecords)
    .set({ leftAt: since(dnsPublishedRecords.leftAt) })
    .where(isNotNull(dnsPublishedRecords.leftAt));
  await tx.update(leftDkimKeys).set({ destroyFrom: later(leftDkimKeys.destroyFrom, queueLifeMs) });
}
