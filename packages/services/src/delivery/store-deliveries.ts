import {
  type DeliveryBatch,
  type DeliveryCount,
  deliveryBatchSchema,
  foldCounts,
  type PeriodCount,
} from "@mailstead/core/delivery";
import {
  deliveryDays,
  deliveryHours,
  deliveryMinutes,
  insertMany,
  newId,
  replySamples,
  type Transaction,
} from "@mailstead/db";
import { sql } from "drizzle-orm";
import type { StreamOwner, StreamReader } from "../telemetry/index.ts";
import { dayMs, hourMs, keptForMs, minuteMs } from "./periods.ts";

/** A host's clock may be ahead by as much as orders allow; what claims to be later is counted now. */
const aheadMaxMs = 10 * minuteMs;

/** Adds what a host counted to the minutes, hours and days, and keeps the replies that came along. */
export const deliveryStream: StreamReader<DeliveryBatch> = { schema: deliveryBatchSchema, store: storeBatch };

async function storeBatch(
  tx: Transaction,
  { owner, batch, now }: { owner: StreamOwner; batch: DeliveryBatch; now: Date },
): Promise<void> {
  const nowMs = now.getTime();
  const thisMinute = Math.floor(nowMs / minuteMs) * minuteMs;
  const counts = batch.counts.map((count) =>
    count.minute > nowMs + aheadMaxMs ? { ...count, minute: thisMinute } : count,
  );
  await add(tx, deliveryMinutes, rowsOf(owner, fold(counts, minuteMs, nowMs - keptForMs.minutes)));
  await add(tx, deliveryHours, rowsOf(owner, fold(counts, hourMs, nowMs - keptForMs.hours)));
  await add(tx, deliveryDays, rowsOf(owner, fold(counts, dayMs, nowMs - keptForMs.days)));
  await insertMany(
    tx,
    replySamples,
    batch.samples.map(({ at, provider, ...said }) => ({
      ...said,
      ...owner,
      id: newId(),
      saidAt: new Date(Math.min(at, nowMs + aheadMaxMs)),
      provider: provider ?? "",
    })),
  );
}

/** What is older than the period is kept for has no partition any more. */
function fold(counts: readonly DeliveryCount[], periodMs: number, notBefore: number): readonly PeriodCount[] {
  return foldCounts(counts, periodMs).filter(({ startsAt }) => startsAt >= notBefore);
}

type CountTable = typeof deliveryMinutes | typeof deliveryHours | typeof deliveryDays;

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

async function add(tx: Transaction, table: CountTable, rows: ReturnType<typeof rowsOf>): Promise<void> {
  if (rows.length === 0) return;
  await tx.execute(sql`insert into ${table} as known
    select * from jsonb_populate_recordset(null::${table}, ${JSON.stringify(rows)}::jsonb)
    on conflict (server_id, starts_at, direction, domain, sending_address, provider, status, category) do update set
      attempts = known.attempts + excluded.attempts,
      first_attempts = known.first_attempts + excluded.first_attempts,
      over_tls = known.over_tls + excluded.over_tls,
      size_bytes = known.size_bytes + excluded.size_bytes,
      latencies = add_sketches(known.latencies, excluded.latencies)`);
}
