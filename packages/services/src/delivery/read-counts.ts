import {
  type LatencySketch,
  type PeriodCount,
  type ReplyCategory,
  readCategory,
  readProvider,
  replyCategories,
} from "@mailstead/core/delivery";
import { deliveryDays, deliveryHours, deliveryMinutes, type Transaction } from "@mailstead/db";
import { and, eq, gte, inArray, lt, max, notInArray, type SQL, sql } from "drizzle-orm";
import type { AnyPgColumn } from "drizzle-orm/pg-core";
import { type LatencySum, readLatencySums } from "./latency-sums.ts";
import { periodFor, troublePeriodFor } from "./period-for.ts";
import { dayMs, hourMs } from "./periods.ts";

/** A domain of a customer's. What hosts of others tell of it is not believed: any host may name any domain. */
export interface OwnDomain {
  readonly name: string;
  readonly tenantId: string;
}

/** Whose deliveries, and of which time. */
export interface CountScope {
  readonly domain?: OwnDomain;
  readonly serverId?: string;
  readonly sendingAddress?: string;
  readonly from: Date;
  readonly until: Date;
}

const troubles = (Object.keys(replyCategories) as ReplyCategory[]).filter(
  (category) =>
    replyCategories[category].severity !== "normal" && replyCategories[category].retry !== "suppress",
);

/**
 * What was sent in a time, summed by receiver, outcome and period; a period that begins before the time is read whole. What
 * tells of trouble comes by the hour as long as that is kept, all else of more than two days by the day. The latencies of a
 * receiver stand with its newest delivery, for the whole time, where they are asked for: they are most of what is to be read. Rows are seen as the transaction's context lets.
 */
export async function readCounts(
  tx: Transaction,
  scope: CountScope,
  { now, hasLatencies = false }: { now: Date; hasLatencies?: boolean },
): Promise<readonly PeriodCount[]> {
  const periodMs = periodFor(scope, now);
  const usual = await readPart(tx, scope, { periodMs, isTrouble: false });
  const wrong = await readPart(tx, scope, { periodMs: troublePeriodFor(scope, now), isTrouble: true });
  const latencies = hasLatencies
    ? await readLatencies(tx, scope, { periodMs, usual })
    : new Map<string, LatencySketch>();
  const lastAt = periodMs === dayMs ? await readLastDelivered(tx, scope, now) : new Map<string, number>();
  const newest = new Map<string, PeriodCount>();
  for (const count of usual)
    if (count.status === "sent" && count.startsAt >= (newest.get(keyOf(count))?.startsAt ?? 0))
      newest.set(keyOf(count), count);
  const withLast = usual.map((count) => {
    const key = keyOf(count);
    if (newest.get(key) !== count) return count;
    return { ...count, startsAt: lastAt.get(key) ?? count.startsAt, latencies: latencies.get(key) ?? {} };
  });
  return [...withLast, ...wrong];
}

const keyOf = ({ provider }: Pick<PeriodCount, "provider">): string => provider ?? "";

const tableOf = (periodMs: number) =>
  periodMs === dayMs ? deliveryDays : periodMs === hourMs ? deliveryHours : deliveryMinutes;

function isMeant(
  table: ReturnType<typeof tableOf>,
  { domain, serverId, sendingAddress, from, until }: CountScope,
  periodMs: number,
) {
  // Half of a period's counts cannot be told apart.
  const first = new Date(Math.floor(from.getTime() / periodMs) * periodMs);
  return and(
    gte(table.startsAt, first),
    lt(table.startsAt, until),
    eq(table.direction, "outbound"),
    domain === undefined
      ? undefined
      : and(eq(table.domain, domain.name), eq(table.tenantId, domain.tenantId)),
    serverId === undefined ? undefined : eq(table.serverId, serverId),
    sendingAddress === undefined ? undefined : eq(table.sendingAddress, sendingAddress),
  );
}

async function readPart(
  tx: Transaction,
  scope: CountScope,
  { periodMs, isTrouble }: { periodMs: number; isTrouble: boolean },
): Promise<readonly PeriodCount[]> {
  const table = tableOf(periodMs);
  const isCounted = and(
    isMeant(table, scope, periodMs),
    (isTrouble ? inArray : notInArray)(table.category, [...troubles]),
  );
  const rows = periodMs === dayMs ? await sumDays(tx, scope, isCounted) : await sumAll(tx, table, isCounted);
  return rows.map((row) => ({
    ...row,
    direction: "outbound",
    domain: scope.domain?.name ?? "",
    sendingAddress: scope.sendingAddress ?? null,
    status: row.status as PeriodCount["status"],
    provider: readProvider(row.provider),
    category: readCategory(row.category),
    latencies: {},
  }));
}

const sum = (column: AnyPgColumn) => sql<number>`sum(${column})::float8`;

async function sumAll(tx: Transaction, table: ReturnType<typeof tableOf>, where: SQL | undefined) {
  const rows = await tx
    .select({
      startsAt: table.startsAt,
      provider: table.provider,
      status: table.status,
      category: table.category,
      attempts: sum(table.attempts),
      firstAttempts: sum(table.firstAttempts),
      overTls: sum(table.overTls),
      sizeBytes: sum(table.sizeBytes),
    })
    .from(table)
    .where(where)
    .groupBy(table.startsAt, table.provider, table.status, table.category);
  return rows.map((row) => ({ ...row, startsAt: row.startsAt.getTime() }));
}

interface SummedDay {
  readonly startsAt: number;
  readonly provider: string;
  readonly status: string;
  readonly category: string;
  readonly attempts: number;
  readonly firstAttempts: number;
  readonly overTls: number;
  readonly sizeBytes: number;
  readonly [column: string]: unknown;
}

/** Day by day: for a quarter at once Postgres would rather read the days of the whole organisation. */
async function sumDays(tx: Transaction, { from, until }: CountScope, where: SQL | undefined) {
  const first = new Date(Math.floor(from.getTime() / dayMs) * dayMs).toISOString();
  const days = deliveryDays;
  const { rows } = await tx.execute<SummedDay>(sql`
    select (extract(epoch from periods.day) * 1000)::float8 as "startsAt", sums.*
    from generate_series(${first}::timestamptz, ${until.toISOString()}::timestamptz, interval '24 hours') as periods (day)
    cross join lateral (
      select ${days.provider}, ${days.status}, ${days.category}, ${sum(days.attempts)} as attempts,
        ${sum(days.firstAttempts)} as "firstAttempts", ${sum(days.overTls)} as "overTls", ${sum(days.sizeBytes)} as "sizeBytes"
      from ${days} where ${where} and ${days.startsAt} = periods.day
      group by ${days.provider}, ${days.status}, ${days.category}) sums`);
  return rows;
}

/**
 * By receiver, of the whole time. Of a server the sums that are kept, for each period of which as much is known as they rest
 * on; what was told since, and all of a domain, is summed here.
 */
async function readLatencies(
  tx: Transaction,
  scope: CountScope,
  { periodMs, usual }: { periodMs: number; usual: readonly PeriodCount[] },
): Promise<ReadonlyMap<string, LatencySketch>> {
  const told = new Map<number, number>();
  for (const { startsAt, status, attempts } of usual)
    if (status === "sent") told.set(startsAt, (told.get(startsAt) ?? 0) + attempts);
  const kept = Map.groupBy(await readKept(tx, scope, periodMs), ({ startsAt }) => startsAt);
  const parts: { provider: string; latencies: LatencySketch }[] = [];
  const open: number[] = [];
  for (const [startsAt, delivered] of told) {
    const sums = kept.get(startsAt) ?? [];
    if (sums.reduce((all, one) => all + one.delivered, 0) === delivered) parts.push(...sums);
    else open.push(startsAt);
  }
  if (open.length > 0) parts.push(...(await sumLatencies(tx, scope, { periodMs, open })));
  const found = new Map<string, Record<string, number>>();
  for (const { provider, latencies } of parts) {
    const key = readProvider(provider) ?? "";
    const sketch = found.get(key) ?? {};
    for (const [bucket, count] of Object.entries(latencies)) sketch[bucket] = (sketch[bucket] ?? 0) + count;
    found.set(key, sketch);
  }
  return found;
}

async function readKept(
  tx: Transaction,
  { domain, serverId, sendingAddress, from, until }: CountScope,
  periodMs: number,
): Promise<readonly LatencySum[]> {
  if (serverId === undefined || domain !== undefined || sendingAddress !== undefined) return [];
  const first = new Date(Math.floor(from.getTime() / periodMs) * periodMs);
  return readLatencySums(tx, { serverId, lengthMs: periodMs, from: first, until });
}

async function sumLatencies(
  tx: Transaction,
  scope: CountScope,
  { periodMs, open }: { periodMs: number; open: readonly number[] },
): Promise<readonly { provider: string; latencies: LatencySketch }[]> {
  const table = tableOf(periodMs);
  const starts = open.map((startsAt) => new Date(startsAt).toISOString());
  const { rows } = await tx.execute<{ provider: string; bucket: string; count: number }>(sql`
    select ${table.provider} as provider, sketch.bucket, sum(sketch.count::bigint)::float8 as count
    from ${table} cross join lateral jsonb_each_text(${table.latencies}) as sketch (bucket, count)
    where ${and(isMeant(table, scope, periodMs), eq(table.status, "sent"))}
      and ${table.startsAt} = any(${sql.param(starts)}::timestamptz[])
    group by 1, 2`);
  return rows.map(({ provider, bucket, count }) => ({ provider, latencies: { [bucket]: count } }));
}

/** The last hour of this day in which a receiver took something. */
async function readLastDelivered(
  tx: Transaction,
  scope: CountScope,
  now: Date,
): Promise<ReadonlyMap<string, number>> {
  const from = new Date(Math.floor(now.getTime() / dayMs) * dayMs - dayMs);
  const rows = await tx
    .select({ provider: deliveryHours.provider, at: max(deliveryHours.startsAt) })
    .from(deliveryHours)
    .where(and(isMeant(deliveryHours, { ...scope, from }, hourMs), eq(deliveryHours.status, "sent")))
    .groupBy(deliveryHours.provider);
  return new Map(rows.map(({ provider, at }) => [readProvider(provider) ?? "", at?.getTime() ?? 0]));
}
