import type { LatencySketch } from "@mailstead/core/delivery";
import { deliveryDays, deliveryHours, latencySums, type Transaction } from "@mailstead/db";
import { and, eq, gte, lt, sql } from "drizzle-orm";
import {
  type Database,
  type Installation,
  type SystemContext,
  seeToOrganisations,
  withTransaction,
} from "../context/index.ts";
import { dayMs, hourMs } from "./periods.ts";

/** The longest time that a page shows. */
const daysKept = 92;
/** A day, the hour in which it began and the one that is not over; longer times are shown by the day. */
const hoursKept = 26;
/** What is told later than this is summed by whoever asks for it. */
const lateMs = 3 * dayMs;

const kinds = {
  hour: { table: deliveryHours, lengthMs: hourMs, keptForMs: hoursKept * hourMs },
  day: { table: deliveryDays, lengthMs: dayMs, keptForMs: daysKept * dayMs },
} as const;
type Kind = keyof typeof kinds;

/**
 * Sums for each server and receiver the latencies of the hours and days that are over, where more was told since the last
 * run, and drops what no page asks for any more. Idempotent, and safe beside itself. Gives the organisations in which that
 * failed.
 */
export function keepLatencySums(
  ctx: SystemContext,
  at: { app: Database; installation: Installation },
): Promise<{ organisationId: string; cause: unknown }[]> {
  return seeToOrganisations(ctx, at, async (own) => {
    await withTransaction(own, async (tx) => {
      // Two workers would write the same rows in different orders.
      await tx.execute(sql`select pg_advisory_xact_lock(7265059, hashtext(${own.organisationId}))`);
      for (const kind of ["hour", "day"] as const)
        await sumKind(tx, { kind, organisationId: own.organisationId, now: own.now().getTime() });
    });
  });
}

async function sumKind(
  tx: Transaction,
  { kind, organisationId, now }: { kind: Kind; organisationId: string; now: number },
): Promise<void> {
  const { table, lengthMs, keptForMs } = kinds[kind];
  const isOwn = and(eq(latencySums.organisationId, organisationId), eq(latencySums.period, kind));
  const oldest = new Date(now - keptForMs);
  await tx.delete(latencySums).where(and(isOwn, lt(latencySums.startsAt, oldest)));
  const [any] = await tx.select({ at: latencySums.startsAt }).from(latencySums).where(isOwn).limit(1);
  const from = any === undefined ? oldest : new Date(Math.max(oldest.getTime(), now - lateMs));
  const until = Math.floor(now / lengthMs) * lengthMs;
  const isMeant = and(
    eq(table.organisationId, organisationId),
    eq(table.direction, "outbound"),
    eq(table.status, "sent"),
    gte(table.startsAt, from),
    lt(table.startsAt, new Date(until)),
  );
  await tx.execute(sql`
    with told as materialized (
      select ${table.serverId} as server_id, ${table.tenantId} as tenant_id, ${table.startsAt} as starts_at,
        ${table.provider} as provider, sum(${table.attempts}) as delivered
      from ${table} where ${isMeant} group by 1, 2, 3, 4),
    news as materialized (
      select told.* from told left join ${latencySums} kept on kept.server_id = told.server_id and kept.period = ${kind}
        and kept.starts_at = told.starts_at and kept.provider = told.provider
      where kept.delivered is distinct from told.delivered),
    buckets as (
      select ${table.serverId} as server_id, ${table.startsAt} as starts_at, ${table.provider} as provider, bucket,
        sum(sketch.count::bigint) as count
      from ${table} cross join lateral jsonb_each_text(${table.latencies}) as sketch (bucket, count)
      where ${isMeant} and (${table.serverId}, ${table.startsAt}, ${table.provider}) in (select server_id, starts_at, provider from news)
      group by 1, 2, 3, 4)
    insert into ${latencySums} (server_id, period, starts_at, provider, organisation_id, tenant_id, delivered, latencies)
    select news.server_id, ${kind}, news.starts_at, news.provider, ${organisationId}::uuid, news.tenant_id, news.delivered,
      coalesce(jsonb_object_agg(bucket, count) filter (where bucket is not null), '{}')
    from news left join buckets on buckets.server_id = news.server_id and buckets.starts_at = news.starts_at
      and buckets.provider = news.provider
    group by news.server_id, news.starts_at, news.provider, news.tenant_id, news.delivered
    on conflict (server_id, period, starts_at, provider) do update set
      delivered = excluded.delivered, latencies = excluded.latencies`);
}

/** What a server's latencies at one receiver were in one period, and how many deliveries they were. */
export interface LatencySum {
  readonly startsAt: number;
  readonly provider: string;
  readonly delivered: number;
  readonly latencies: LatencySketch;
}

/** The sums that are kept of a server for periods of a length; none for a length that is not summed. */
export async function readLatencySums(
  tx: Transaction,
  { serverId, lengthMs, from, until }: { serverId: string; lengthMs: number; from: Date; until: Date },
): Promise<readonly LatencySum[]> {
  const kind = (["hour", "day"] as const).find((one) => kinds[one].lengthMs === lengthMs);
  if (kind === undefined) return [];
  const rows = await tx
    .select({
      startsAt: latencySums.startsAt,
      provider: latencySums.provider,
      delivered: latencySums.delivered,
      latencies: latencySums.latencies,
    })
    .from(latencySums)
    .where(
      and(
        eq(latencySums.serverId, serverId),
        eq(latencySums.period, kind),
        gte(latencySums.startsAt, from),
        lt(latencySums.startsAt, until),
      ),
    );
  return rows.map((row) => ({ ...row, startsAt: row.startsAt.getTime() }));
}
