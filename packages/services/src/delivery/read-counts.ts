import {
  type PeriodCount,
  type ReplyCategory,
  readCategory,
  readProvider,
  replyCategories,
} from "@mailstead/core/delivery";
import { deliveryDays, deliveryHours, deliveryMinutes, type Transaction } from "@mailstead/db";
import { and, eq, gte, inArray, lt, sql } from "drizzle-orm";
import type { AnyPgColumn } from "drizzle-orm/pg-core";
import { type CountPart, countParts } from "./count-parts.ts";
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

/**
 * What was sent in a time, summed over domains and addresses by receiver, outcome and period: days where they tell it, and
 * shorter periods at both ends of the time. The latencies of a receiver stand with its newest delivery, for the whole time;
 * of a longer time those of its first day are whole. Rows are seen as the transaction's context lets.
 */
export async function readCounts(
  tx: Transaction,
  scope: CountScope,
  now: Date,
): Promise<readonly PeriodCount[]> {
  const counts: PeriodCount[] = [];
  for (const part of countParts(scope, now)) counts.push(...(await readPart(tx, scope, part)));
  const newest = new Map<string, PeriodCount>();
  for (const count of counts) {
    const known = newest.get(count.provider ?? "");
    if (count.status === "sent" && (known === undefined || known.startsAt < count.startsAt))
      newest.set(count.provider ?? "", count);
  }
  const latencies = await readLatencies(tx, scope, now);
  return counts.map((count) =>
    newest.get(count.provider ?? "") === count
      ? { ...count, latencies: latencies.get(count.provider ?? "") ?? {} }
      : count,
  );
}

/**
 * The replies of a time that tell that something is wrong, by the hour as long as hours are kept, so that a time line says
 * when it began and ended.
 */
export async function readTroubles(
  tx: Transaction,
  scope: CountScope,
  now: Date,
): Promise<readonly PeriodCount[]> {
  const { from, until } = scope;
  const periodMs = until.getTime() - from.getTime() > hourlyMaxMs ? dayMs : hourMs;
  const [first] = countParts(scope, now);
  const part = { periodMs: Math.max(periodMs, first?.periodMs ?? periodMs), from, until };
  return readPart(tx, { ...scope, categories: troubles }, part);
}

/** Of a longer time a day is exact enough. */
const hourlyMaxMs = 32 * dayMs;

const troubles = (Object.keys(replyCategories) as ReplyCategory[]).filter(
  (category) =>
    replyCategories[category].severity !== "normal" && replyCategories[category].retry !== "suppress",
);

const tableOf = (periodMs: number) =>
  periodMs === dayMs ? deliveryDays : periodMs === hourMs ? deliveryHours : deliveryMinutes;
type CountTable = ReturnType<typeof tableOf>;

function isMeant(table: CountTable, scope: CountScope, { periodMs, from, until }: CountPart) {
  const { domain, serverId, sendingAddress } = scope;
  // A period that begins before `from` is read whole: half of its counts cannot be told apart.
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
  { categories, ...scope }: CountScope & { readonly categories?: readonly ReplyCategory[] },
  part: CountPart,
): Promise<readonly PeriodCount[]> {
  const table = tableOf(part.periodMs);
  const sum = (column: AnyPgColumn) => sql<number>`sum(${column})::float8`;
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
    .where(
      and(
        isMeant(table, scope, part),
        categories === undefined ? undefined : inArray(table.category, [...categories]),
      ),
    )
    .groupBy(table.startsAt, table.provider, table.status, table.category);
  return rows.map((row) => ({
    ...row,
    startsAt: row.startsAt.getTime(),
    direction: "outbound",
    domain: scope.domain?.name ?? "",
    sendingAddress: scope.sendingAddress ?? null,
    status: row.status as PeriodCount["status"],
    provider: readProvider(row.provider),
    category: readCategory(row.category),
    latencies: {},
  }));
}

async function readLatencies(
  tx: Transaction,
  scope: CountScope,
  now: Date,
): Promise<ReadonlyMap<string, Record<string, number>>> {
  const { from, until } = scope;
  const parts = countParts(scope, now);
  // Nobody asks when it was slow, so the longest period of the time tells all of it.
  const periodMs = Math.max(...parts.map((part) => part.periodMs));
  const table = tableOf(periodMs);
  const { rows } = await tx.execute<{ provider: string; bucket: string; count: number }>(sql`
    select ${table.provider} as provider, sketch.bucket, sum(sketch.count::bigint)::float8 as count
    from ${table} cross join lateral jsonb_each_text(${table.latencies}) as sketch (bucket, count)
    where ${and(isMeant(table, scope, { periodMs, from, until }), eq(table.status, "sent"))}
    group by 1, 2`);
  const found = new Map<string, Record<string, number>>();
  for (const { provider: stored, bucket, count } of rows) {
    const provider = readProvider(stored) ?? "";
    const sketch = found.get(provider) ?? {};
    sketch[bucket] = (sketch[bucket] ?? 0) + count;
    found.set(provider, sketch);
  }
  return found;
}
