import { foldCounts, type PeriodCount } from "@mailstead/core/delivery";
import { deliveryPending, servers, type Transaction } from "@mailstead/db";
import { and, asc, eq, inArray, lte, max, notInArray, sql } from "drizzle-orm";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";
import type { StreamOwner } from "../telemetry/index.ts";
import { columnsOf, paramsOf } from "./count-columns.ts";
import { type PendingHour, readPending } from "./pending-hours.ts";
import { clocksApartMaxMs, dayMs, hourMs, keptForMs } from "./periods.ts";

/** Batches of one transaction: enough to add up what a host told in several, few enough to hold nobody up. */
const batchesMax = 500;

/** A server whose counts could not be added. */
export interface FailedRollUp {
  readonly serverId: string;
  readonly cause: unknown;
}

/**
 * Adds to hours and days what hosts told until now and nobody added yet. What is added is taken away in the same transaction, so
 * each batch counts once, wherever this is killed, and for hours and days together. Safe beside itself: whoever comes second
 * waits. Gives the servers of which it failed, whose counts wait for the next run and hold up nobody else.
 */
export async function rollUpDeliveries(ctx: SystemContext): Promise<readonly FailedRollUp[]> {
  const failed = new Map<string, unknown>();
  const until = await withSystemTransaction(ctx, async (tx) => {
    const [last] = await tx.select({ id: max(deliveryPending.id) }).from(deliveryPending);
    return last?.id ?? null;
  });
  if (until === null) return [];
  for (let isDone = false; !isDone; ) {
    const without = [...failed.keys()];
    try {
      isDone = await rollUpSome(ctx, { until, without });
    } catch (cause) {
      const tried = await readServers(ctx, { until, without });
      for (const serverId of tried) {
        try {
          while (!(await rollUpSome(ctx, { until, without, serverId })));
        } catch (ownCause) {
          failed.set(serverId, ownCause);
        }
      }
      // Nothing was to blame but the moment: what is left is tried with the next run.
      if (tried.length === 0) throw cause;
    }
  }
  return [...failed].map(([serverId, cause]) => ({ serverId, cause }));
}

interface Portion {
  /** What is noted while this runs waits for the next run, so that it ends. */
  readonly until: number;
  readonly without: readonly string[];
  readonly serverId?: string;
}

function isMeant({ until, without, serverId }: Portion) {
  return and(
    lte(deliveryPending.id, until),
    without.length === 0 ? undefined : notInArray(deliveryPending.serverId, [...without]),
    serverId === undefined ? undefined : eq(deliveryPending.serverId, serverId),
  );
}

async function readServers(ctx: SystemContext, portion: Portion): Promise<readonly string[]> {
  const rows = await withSystemTransaction(ctx, (tx) =>
    tx.selectDistinct({ serverId: deliveryPending.serverId }).from(deliveryPending).where(isMeant(portion)),
  );
  return rows.map(({ serverId }) => serverId);
}

/** Adds the oldest that wait. True when no more do. */
function rollUpSome(ctx: SystemContext, portion: Portion): Promise<boolean> {
  return withSystemTransaction(ctx, async (tx) => {
    // Two would add to the same rows in different orders.
    await tx.execute(sql`select pg_advisory_xact_lock(7265062)`);
    // Held: a server that is removed would wait for what is taken away here, and this for the server.
    const taken = await tx
      .select({ id: deliveryPending.id })
      .from(deliveryPending)
      .innerJoin(servers, eq(servers.id, deliveryPending.serverId))
      .where(isMeant(portion))
      .orderBy(asc(deliveryPending.id))
      .limit(batchesMax)
      .for("key share", { of: servers });
    if (taken.length === 0) return true;
    const pending = await tx
      .delete(deliveryPending)
      .where(
        inArray(
          deliveryPending.id,
          taken.map(({ id }) => id),
        ),
      )
      .returning();
    await addPeriods(tx, pending, ctx.now().getTime());
    return taken.length < batchesMax;
  });
}

interface Row {
  readonly owner: StreamOwner;
  readonly count: PeriodCount;
}

async function addPeriods(
  tx: Transaction,
  pending: readonly (typeof deliveryPending.$inferSelect)[],
  nowMs: number,
): Promise<void> {
  const rows = { hours: [] as Row[], days: [] as Row[] };
  for (const ofServer of Map.groupBy(pending, ({ serverId }) => serverId).values()) {
    const [owner] = ofServer;
    if (owner === undefined) continue;
    // Written by the intake, in the transaction that noted its number.
    const counts = ofServer.flatMap(({ hours }) => readPending(hours as readonly PendingHour[]));
    const hours = foldCounts(counts, hourMs);
    for (const [period, folded] of [
      ["hours", hours],
      ["days", foldCounts(hours, dayMs)],
    ] as const) {
      // What is older than the period is kept for has no partition any more.
      const notBefore = nowMs + clocksApartMaxMs - keptForMs[period];
      for (const count of folded) if (count.startsAt >= notBefore) rows[period].push({ owner, count });
    }
  }
  const added = (["hours", "days"] as const).filter((period) => rows[period].length > 0);
  if (added.length === 0) return;
  await tx.execute(
    sql`select ${sql.join(
      added.map((period) => sql`${sql.raw(`add_delivery_${period}`)}(${listsOf(rows[period])})`),
      sql`, `,
    )}`,
  );
}

function listsOf(rows: readonly Row[]) {
  return paramsOf([
    rows.map(({ owner }) => owner.serverId),
    rows.map(({ owner }) => owner.organisationId),
    rows.map(({ owner }) => owner.tenantId),
    rows.map(({ count }) => new Date(count.startsAt).toISOString()),
    ...columnsOf(rows.map(({ count }) => count)),
  ]);
}
