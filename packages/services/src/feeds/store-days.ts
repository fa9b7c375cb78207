import { dayOf, type FeedDay } from "@mailstead/core/feeds";
import { feedDays, type Transaction } from "@mailstead/db";
import { and, eq, lt, sql } from "drizzle-orm";

/** Whose a day is: a domain's or a server's. */
export interface DayOwner {
  readonly tenantId: string;
  readonly domainId: string | null;
  readonly serverId: string | null;
}

export interface DaysToStore {
  readonly organisationId: string;
  readonly connectionId: string;
  readonly days: readonly { readonly day: FeedDay; readonly owner: DayOwner }[];
  readonly at: Date;
}

/** As long as the counts of our own by day, with which they are compared. */
const keptDays = 3 * 366;

/** Forgets what a feed told years ago. */
export async function forgetOldDays(tx: Transaction, connectionId: string, at: Date): Promise<void> {
  const first = dayOf(new Date(at.getTime() - keptDays * 86_400_000));
  await tx.delete(feedDays).where(and(eq(feedDays.connectionId, connectionId), lt(feedDays.day, first)));
}

const rowsPerStatementMax = 500;

/**
 * Keeps days that were told; a day that was told before is what it is told to be now, so that nothing counts twice. Of a day
 * that stands there twice the later counts.
 */
export async function storeFeedDays(
  tx: Transaction,
  { organisationId, connectionId, days: told, at }: DaysToStore,
): Promise<void> {
  const days = [...new Map(told.map((one) => [`${one.day.subject} ${one.day.day}`, one])).values()];
  for (let from = 0; from < days.length; from += rowsPerStatementMax)
    await tx
      .insert(feedDays)
      .values(
        days.slice(from, from + rowsPerStatementMax).map(({ day, owner }) => ({
          organisationId,
          connectionId,
          ...owner,
          subject: day.subject,
          day: day.day,
          messages: day.messages,
          complaintsLower: day.complaints?.lower ?? null,
          complaintsUpper: day.complaints?.upper ?? null,
          figures: day.figures,
          toldAt: at,
        })),
      )
      .onConflictDoUpdate({
        target: [feedDays.connectionId, feedDays.subject, feedDays.day],
        set: {
          tenantId: sql`excluded.tenant_id`,
          domainId: sql`excluded.domain_id`,
          serverId: sql`excluded.server_id`,
          messages: sql`excluded.messages`,
          complaintsLower: sql`excluded.complaints_lower`,
          complaintsUpper: sql`excluded.complaints_upper`,
          figures: sql`excluded.figures`,
          toldAt: sql`excluded.told_at`,
        },
      });
}
