import {
  foldVerdicts,
  type PeriodVerdicts,
  type VerdictBatch,
  verdictBatchSchema,
} from "@mailstead/core/verdicts";
import { type Transaction, verdictDays, verdictHours } from "@mailstead/db";
import { sql } from "drizzle-orm";
import type { StreamOwner, StreamReader } from "../telemetry/index.ts";
import { verdictPeriods } from "./periods.ts";

/** A host's clock may be ahead by as much as orders allow; what claims to be later is counted now. */
const aheadMaxMs = 10 * 60_000;

/** Adds what a host's Rspamd decided to the hours and days. */
export const verdictStream: StreamReader<VerdictBatch> = { schema: verdictBatchSchema, store: storeBatch };

async function storeBatch(
  tx: Transaction,
  { owner, batch, now }: { owner: StreamOwner; batch: VerdictBatch; now: Date },
): Promise<void> {
  const nowMs = now.getTime();
  const counts = batch.counts.map((count) =>
    count.minute > nowMs + aheadMaxMs ? { ...count, minute: nowMs } : count,
  );
  for (const [table, { lengthMs, keptForMs }] of [
    [verdictHours, verdictPeriods.hours],
    [verdictDays, verdictPeriods.days],
  ] as const) {
    const kept = foldVerdicts(counts, lengthMs).filter(({ startsAt }) => startsAt >= nowMs - keptForMs);
    await add(tx, table, rowsOf(owner, kept));
  }
}

type VerdictTable = typeof verdictHours | typeof verdictDays;

/** As Postgres names the columns. */
function rowsOf({ serverId, organisationId, tenantId }: StreamOwner, counts: readonly PeriodVerdicts[]) {
  return counts.map(({ startsAt, provider, ...count }) => ({
    ...count,
    server_id: serverId,
    organisation_id: organisationId,
    tenant_id: tenantId,
    starts_at: new Date(startsAt).toISOString(),
    provider: provider ?? "",
  }));
}

async function add(tx: Transaction, table: VerdictTable, rows: ReturnType<typeof rowsOf>): Promise<void> {
  if (rows.length === 0) return;
  await tx.execute(sql`insert into ${table} as known
    select * from jsonb_populate_recordset(null::${table}, ${JSON.stringify(rows)}::jsonb)
    on conflict (server_id, starts_at, direction, domain, provider, action) do update set
      messages = known.messages + excluded.messages,
      facts = add_sketches(known.facts, excluded.facts),
      scores = add_sketches(known.scores, excluded.scores),
      symbols = add_sketches(known.symbols, excluded.symbols)`);
}
