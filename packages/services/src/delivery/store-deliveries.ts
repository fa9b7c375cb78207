import {
  type DeliveryBatch,
  deliveryBatchSchema,
  foldCounts,
  type PeriodCount,
} from "@mailstead/core/delivery";
import { insertMany, newId, replySamples, type Transaction } from "@mailstead/db";
import { sql } from "drizzle-orm";
import type { StreamOwner, StreamReader } from "../telemetry/index.ts";
import { dayMs, hourMs, keptForMs, minuteMs, samplesKeptForMs } from "./periods.ts";

/**
 * Clocks may be apart by as much as orders allow. What a host claims to be later is counted now, and what the worker may
 * have dropped the partition of already is not counted by that period.
 */
const clocksApartMaxMs = 10 * minuteMs;

/** Adds what a host counted to the minutes, hours and days, and keeps the replies that came along. */
export const deliveryStream: StreamReader<DeliveryBatch> = { schema: deliveryBatchSchema, store: storeBatch };

async function storeBatch(
  tx: Transaction,
  { owner, batch, now }: { owner: StreamOwner; batch: DeliveryBatch; now: Date },
): Promise<void> {
  const nowMs = now.getTime();
  const thisMinute = Math.floor(nowMs / minuteMs) * minuteMs;
  const counts = batch.counts.map(({ minute, ...count }) => ({
    ...count,
    startsAt: minute > nowMs + clocksApartMaxMs ? thisMinute : minute,
  }));
  const minutes = foldCounts(counts, minuteMs);
  const hours = foldCounts(minutes, hourMs);
  const latestMs = nowMs + clocksApartMaxMs;
  await add(tx, owner, {
    minutes: since(minutes, latestMs - keptForMs.minutes),
    hours: since(hours, latestMs - keptForMs.hours),
    days: since(foldCounts(hours, dayMs), latestMs - keptForMs.days),
  });
  await insertMany(
    tx,
    replySamples,
    batch.samples
      .filter(({ at }) => at >= nowMs - samplesKeptForMs)
      .map(({ at, provider, ...said }) => ({
        ...said,
        ...owner,
        id: newId(),
        saidAt: new Date(at > nowMs + clocksApartMaxMs ? nowMs : at),
        provider: provider ?? "",
      })),
  );
}

/** What is older than the period is kept for has no partition any more. */
function since(counts: readonly PeriodCount[], notBefore: number): readonly PeriodCount[] {
  return counts.filter(({ startsAt }) => startsAt >= notBefore);
}

/** As Postgres names the columns. */
function rowsOf({ serverId, organisationId, tenantId }: StreamOwner, counts: readonly PeriodCount[]) {
  return counts.map((count) => ({
    server_id: serverId,
    organisation_id: organisationId,
    tenant_id: tenantId,
    starts_at: new Date(count.startsAt).toISOString(),
    direction: count.direction,
    domain: count.domain,
    sending_address: count.sendingAddress ?? "",
    provider: count.provider ?? "",
    status: count.status,
    category: count.category ?? "",
    attempts: count.attempts,
    first_attempts: count.firstAttempts,
    over_tls: count.overTls,
    size_bytes: count.sizeBytes,
    latencies: count.latencies,
  }));
}

/** One call for all three, since each way to the database costs as much as many rows. */
async function add(
  tx: Transaction,
  owner: StreamOwner,
  counts: Record<"minutes" | "hours" | "days", readonly PeriodCount[]>,
): Promise<void> {
  // Minutes and hours are kept for less long than days.
  if (counts.days.length === 0) return;
  const [minutes, hours, days] = [counts.minutes, counts.hours, counts.days].map((rows) =>
    JSON.stringify(rowsOf(owner, rows)),
  );
  await tx.execute(sql`select add_delivery_counts(${minutes}::jsonb, ${hours}::jsonb, ${days}::jsonb)`);
}
