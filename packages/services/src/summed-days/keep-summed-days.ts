import {
  type serverDays,
  servers,
  type serverVerdictDays,
  summedDays,
  type Transaction,
} from "@mailstead/db";
import { and, eq, inArray, lt, sql } from "drizzle-orm";
import {
  type Database,
  type Installation,
  type ServiceContext,
  type SystemContext,
  seeToOrganisations,
  withTransaction,
} from "../context/index.ts";

const dayMs = 24 * 3_600_000;
/** The longest time that a page shows. */
const daysKept = 92;
/** What was told at midnight may still be on its way into the database. */
const settledAfterMs = 10 * 60_000;

/** Something of which servers' days are kept summed. */
export interface SummedKind {
  readonly kind: (typeof summedDays.$inferSelect)["kind"];
  /** Where the sums are kept. */
  readonly table: typeof serverDays | typeof serverVerdictDays;
  /** Writes the sums of these days, of which none are kept, by whole days in UTC. */
  readonly sum: (tx: Transaction, asked: { serverId: string; days: readonly Date[] }) => Promise<void>;
}

/**
 * Sums each server's days that are over and not yet summed, or that were told more of since, and drops those that no page
 * asks for any more. Idempotent, and safe beside itself. Gives the organisations in which that failed.
 */
export function keepSummedDays(
  ctx: SystemContext,
  at: { app: Database; installation: Installation },
  kind: SummedKind,
): Promise<{ organisationId: string; cause: unknown }[]> {
  return seeToOrganisations(ctx, at, async (own) => {
    for (const open of await findOpenDays(own, kind)) await sumServer(own, kind, open);
  });
}

interface OpenDays {
  readonly serverId: string;
  readonly days: readonly Date[];
}

function findOpenDays(own: ServiceContext, { kind, table }: SummedKind): Promise<OpenDays[]> {
  const now = own.now().getTime();
  const end = Math.floor((now - settledAfterMs) / dayMs) * dayMs;
  const first = new Date(end - daysKept * dayMs);
  const { organisationId } = own;
  return withTransaction(own, async (tx) => {
    await tx.delete(table).where(and(eq(table.organisationId, organisationId), lt(table.startsAt, first)));
    await tx
      .delete(summedDays)
      .where(
        and(
          eq(summedDays.organisationId, organisationId),
          eq(summedDays.kind, kind),
          lt(summedDays.startsAt, first),
        ),
      );
    const { rows } = await tx.execute<{ serverId: string; days: string[] }>(sql`
      select ${servers.id} as "serverId", array_agg(to_char(day at time zone 'UTC', 'YYYY-MM-DD"T"00:00:00"Z"')) as days
      from ${servers}
      cross join generate_series(${first.toISOString()}::timestamptz, ${new Date(end - dayMs).toISOString()}::timestamptz,
        interval '24 hours') day
      where not exists (select from ${summedDays} where ${summedDays.serverId} = ${servers.id}
        and ${summedDays.kind} = ${kind} and ${summedDays.startsAt} = day and ${summedDays.isWhole})
      group by ${servers.id}`);
    return rows.map(({ serverId, days }) => ({ serverId, days: days.map((day) => new Date(day)) }));
  });
}

/** One server in each transaction: whoever tells of its days that are over waits for the end of it. */
function sumServer(
  own: ServiceContext,
  { kind, table, sum }: SummedKind,
  { serverId, days }: OpenDays,
): Promise<void> {
  return withTransaction(own, async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(7265064, hashtext(${serverId}))`);
    const [server] = await tx
      .select({ organisationId: servers.organisationId, tenantId: servers.tenantId })
      .from(servers)
      .where(eq(servers.id, serverId));
    if (server === undefined) return;
    await tx.delete(table).where(and(eq(table.serverId, serverId), inArray(table.startsAt, [...days])));
    await sum(tx, { serverId, days });
    await tx
      .insert(summedDays)
      .values(days.map((startsAt) => ({ ...server, serverId, kind, startsAt, isWhole: true })))
      .onConflictDoUpdate({
        target: [summedDays.serverId, summedDays.kind, summedDays.startsAt],
        set: { isWhole: true },
      });
  });
}
