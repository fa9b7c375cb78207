import {
  type LatencySketch,
  type PeriodCount,
  type ProviderId,
  providers,
  type ReplyCategory,
  readCategory,
  readProvider,
  replyCategories,
} from "@mailstead/core/delivery";
import { deliveryHours, type Transaction } from "@mailstead/db";
import { and, eq, inArray, notInArray, type SQL, sql } from "drizzle-orm";
import type { AnyPgColumn } from "drizzle-orm/pg-core";
import { type CountScope, isMeant, tableOf } from "./count-scope.ts";
import { type LatencySum, readLatencySums } from "./latency-sums.ts";
import { periodFor, troublePeriodFor } from "./period-for.ts";
import { dayMs, hourMs } from "./periods.ts";
import { readSummedDays, sumDays } from "./sum-days.ts";

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
  const troublePeriodMs = troublePeriodFor(scope, now);
  const whole = periodMs === dayMs ? await readSummedDays(tx, scope) : new Set<number>();
  const usual = await readPart(tx, scope, { periodMs, isTrouble: false, whole });
  const wrong = await readPart(tx, scope, { periodMs: troublePeriodMs, isTrouble: true, whole });
  const latencies = hasLatencies
    ? await readLatencies(tx, scope, { periodMs, usual })
    : new Map<string, LatencySketch>();
  const lastAt =
    periodMs === dayMs ? await readLastDelivered(tx, scope, { now, usual }) : new Map<string, number>();
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

interface Part {
  readonly periodMs: number;
  readonly isTrouble: boolean;
  /** Days that may be taken from the sums that are kept of a server. */
  readonly whole: ReadonlySet<number>;
}

async function readPart(
  tx: Transaction,
  scope: CountScope,
  { periodMs, isTrouble, whole }: Part,
): Promise<readonly PeriodCount[]> {
  const table = tableOf(periodMs);
  const hasCategory = (column: AnyPgColumn) => (isTrouble ? inArray : notInArray)(column, [...troubles]);
  const rows =
    periodMs === dayMs
      ? await sumDays(tx, scope, { hasCategory, whole })
      : await sumAll(tx, table, and(isMeant(table, scope, periodMs), hasCategory(table.category)));
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

/**
 * The last hour of this day and the one before in which a receiver took something. Each that took anything is looked for by
 * itself, from now backwards: a large server has a thousand rows an hour, and the newest hour tells most of it.
 */
async function readLastDelivered(
  tx: Transaction,
  scope: CountScope,
  {
    now,
    usual,
  }: { now: Date; usual: readonly { startsAt: number; status: string; provider: ProviderId | null }[] },
): Promise<ReadonlyMap<string, number>> {
  const from = new Date(Math.floor(now.getTime() / dayMs) * dayMs - dayMs);
  const taken = usual.filter(({ startsAt, status }) => status === "sent" && startsAt >= from.getTime());
  const receivers = [...new Set(taken.map(keyOf))];
  if (receivers.length === 0) return new Map();
  const { rows } = await tx.execute<{ provider: string; at: number }>(sql`
    select receiver.provider, (extract(epoch from newest.starts_at) * 1000)::float8 as at
    from unnest(${sql.param(receivers)}::text[]) as receiver (provider)
    cross join lateral (
      select starts_at from ${deliveryHours}
      where ${isMeant(deliveryHours, { ...scope, from }, hourMs)} and status = 'sent' and ${isOf(sql`receiver.provider`)}
      order by starts_at desc limit 1) newest`);
  return new Map(rows.map(({ provider, at }) => [provider, at]));
}

/** Rows of a receiver; of all that are none that many domains share, whatever they were stored as. */
const isOf = (
  receiver: SQL,
) => sql`case ${receiver} when '' then provider <> all(${sql.param(Object.keys(providers))}::text[])
  else provider = ${receiver} end`;
