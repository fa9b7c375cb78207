import {
  type DeliveryBatch,
  type DeliveryCount,
  deliveryBatchSchema,
  foldCounts,
  type PeriodCount,
} from "@mailstead/core/delivery";
import type { TelemetryStream } from "@mailstead/core/wire";
import {
  deliveryDays,
  deliveryHours,
  deliveryMinutes,
  insertMany,
  newId,
  replySamples,
  servers,
  type Transaction,
  telemetryStreams,
} from "@mailstead/db";
import { and, eq, lt, sql } from "drizzle-orm";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";
import { dayMs, hourMs, keptForMs, minuteMs } from "./periods.ts";

/** What an agent sent, as it stands on the wire. */
export interface Telemetry {
  readonly serverId: string;
  readonly stream: TelemetryStream;
  readonly epoch: string;
  readonly sequence: number;
  /** Of any shape: what an agent claims is read here. */
  readonly batch: unknown;
}

/** Whose rows they are. */
interface Owner {
  readonly serverId: string;
  readonly organisationId: string;
  readonly tenantId: string;
}

/** A host's clock may be ahead by as much as orders allow; what claims to be later is counted now. */
const aheadMaxMs = 10 * minuteMs;

/**
 * Stores what an agent tells, once: the sequence is noted in the transaction that stores what it carries. Returns how far
 * the stream has come, which the agent may forget. A batch that has no known shape is counted and left out, so that it
 * holds up nothing that follows. Unknown servers are ignored, and their streams count as stored.
 */
export function storeTelemetry(
  ctx: SystemContext,
  { serverId, stream, epoch, sequence, batch }: Telemetry,
): Promise<{ storedSequence: number; problem: string | null }> {
  const now = ctx.now();
  const told = deliveryBatchSchema.safeParse(batch);
  const problem = told.success
    ? null
    : `Batch ${sequence} of the stream "${stream}" has a shape that is not known here: ${told.error.issues[0]?.message}.`;
  return withSystemTransaction(ctx, async (tx) => {
    const [owner] = await tx
      .select({ serverId: servers.id, organisationId: servers.organisationId, tenantId: servers.tenantId })
      .from(servers)
      .where(eq(servers.id, serverId));
    if (owner === undefined) return { storedSequence: sequence, problem: null };
    const [taken] = await tx
      .insert(telemetryStreams)
      .values({ ...owner, stream, epoch, sequence, unreadBatches: told.success ? 0 : 1, storedAt: now })
      .onConflictDoUpdate({
        target: [telemetryStreams.serverId, telemetryStreams.stream, telemetryStreams.epoch],
        set: {
          sequence,
          storedAt: now,
          unreadBatches: sql`${telemetryStreams.unreadBatches} + excluded.unread_batches`,
        },
        setWhere: lt(telemetryStreams.sequence, sequence),
      })
      .returning({ sequence: telemetryStreams.sequence });
    if (taken === undefined)
      return { storedSequence: await readSequence(tx, { serverId, stream, epoch }), problem: null };
    if (told.success) await storeBatch(tx, { owner, batch: told.data, now });
    return { storedSequence: taken.sequence, problem };
  });
}

async function readSequence(
  tx: Transaction,
  { serverId, stream, epoch }: Pick<Telemetry, "serverId" | "stream" | "epoch">,
): Promise<number> {
  const [known] = await tx
    .select({ sequence: telemetryStreams.sequence })
    .from(telemetryStreams)
    .where(
      and(
        eq(telemetryStreams.serverId, serverId),
        eq(telemetryStreams.stream, stream),
        eq(telemetryStreams.epoch, epoch),
      ),
    );
  return known?.sequence ?? 0;
}

async function storeBatch(
  tx: Transaction,
  { owner, batch, now }: { owner: Owner; batch: DeliveryBatch; now: Date },
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
      saidAt: new Date(at),
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
function rowsOf({ serverId, organisationId, tenantId }: Owner, counts: readonly PeriodCount[]) {
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
