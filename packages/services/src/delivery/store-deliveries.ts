import {
  type DeliveryBatch,
  deliveryBatchSchema,
  foldCounts,
  type PeriodCount,
} from "@mailstead/core/delivery";
import { insertMany, newId, replySamples, type Transaction } from "@mailstead/db";
import { sql } from "drizzle-orm";
import type { StreamOwner, StreamReader, ToldBatch } from "../telemetry/index.ts";
import { dayMs, hourMs, keptForMs, minuteMs, samplesKeptForMs } from "./periods.ts";

/**
 * Clocks may be apart by as much as orders allow. What a host claims to be later is counted now, and what the worker may
 * have dropped the partition of already is not counted by that period.
 */
const clocksApartMaxMs = 10 * minuteMs;

/** Adds what hosts counted to the minutes, hours and days, and keeps the replies that came along. */
export const deliveryStream: StreamReader<DeliveryBatch> = {
  schema: deliveryBatchSchema,
  store: (tx, { now, ...told }) => storeTogether(tx, [told], now),
  storeTogether,
};

async function storeTogether(
  tx: Transaction,
  told: readonly ToldBatch<DeliveryBatch>[],
  now: Date,
): Promise<void> {
  const nowMs = now.getTime();
  const rows: Rows = { minutes: [], hours: [], days: [] };
  for (const { owner, batch } of told) addRows(rows, { owner, batch, nowMs });
  const added = periods
    .filter((period) => rows[period].length > 0)
    .map((period) => sql`${sql.raw(`add_delivery_${period}`)}(${columnsOf(rows[period])})`);
  // One call for all, since each way to the database costs as much as many rows.
  if (added.length > 0) await tx.execute(sql`select ${sql.join(added, sql`, `)}`);
  await insertMany(
    tx,
    replySamples,
    told.flatMap(({ owner, batch }) => samplesOf(owner, batch, nowMs)),
  );
}

// Minutes and hours are kept for less long than days.
const periods = ["minutes", "hours", "days"] as const;

interface Row {
  readonly owner: StreamOwner;
  readonly count: PeriodCount;
}

type Rows = Record<(typeof periods)[number], Row[]>;

function addRows(
  rows: Rows,
  { owner, batch, nowMs }: { owner: StreamOwner; batch: DeliveryBatch; nowMs: number },
): void {
  const thisMinute = Math.floor(nowMs / minuteMs) * minuteMs;
  const counts = batch.counts.map(({ minute, ...count }) => ({
    ...count,
    startsAt: minute > nowMs + clocksApartMaxMs ? thisMinute : minute,
  }));
  const minutes = foldCounts(counts, minuteMs);
  const hours = foldCounts(minutes, hourMs);
  const latestMs = nowMs + clocksApartMaxMs;
  rows.minutes.push(...rowsOf(owner, since(minutes, latestMs - keptForMs.minutes)));
  rows.hours.push(...rowsOf(owner, since(hours, latestMs - keptForMs.hours)));
  rows.days.push(...rowsOf(owner, since(foldCounts(hours, dayMs), latestMs - keptForMs.days)));
}

function samplesOf(owner: StreamOwner, { samples }: DeliveryBatch, nowMs: number) {
  return samples
    .filter(({ at }) => at >= nowMs - samplesKeptForMs)
    .map(({ at, provider, ...said }) => ({
      ...said,
      ...owner,
      id: newId(),
      saidAt: new Date(at > nowMs + clocksApartMaxMs ? nowMs : at),
      provider: provider ?? "",
    }));
}

/** What is older than the period is kept for has no partition any more. */
function since(counts: readonly PeriodCount[], notBefore: number): readonly PeriodCount[] {
  return counts.filter(({ startsAt }) => startsAt >= notBefore);
}

function rowsOf(owner: StreamOwner, counts: readonly PeriodCount[]): readonly Row[] {
  return counts.map((count) => ({ owner, count }));
}

/** A list for each column, in the order that the functions of the database take them. */
function columnsOf(rows: readonly Row[]) {
  const column = (read: (row: Row) => string | number) => sql`${sql.param(rows.map(read))}`;
  return sql.join(
    [
      column(({ owner }) => owner.serverId),
      column(({ owner }) => owner.organisationId),
      column(({ owner }) => owner.tenantId),
      column(({ count }) => new Date(count.startsAt).toISOString()),
      column(({ count }) => count.direction),
      column(({ count }) => count.domain),
      column(({ count }) => count.sendingAddress ?? ""),
      column(({ count }) => count.provider ?? ""),
      column(({ count }) => count.status),
      column(({ count }) => count.category ?? ""),
      column(({ count }) => count.attempts),
      column(({ count }) => count.firstAttempts),
      column(({ count }) => count.overTls),
      column(({ count }) => count.sizeBytes),
      column(({ count }) => JSON.stringify(count.latencies)),
    ],
    sql`, `,
  );
}
