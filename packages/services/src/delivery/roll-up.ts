import { foldCounts, type PeriodCount } from "@mailstead/core/delivery";
import { deliveryPending, rollUpState, servers, stalledRollUps, type Transaction } from "@mailstead/db";
import { and, asc, eq, inArray, lte, max, notBetween, notInArray, sql } from "drizzle-orm";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";
import type { StreamOwner } from "../telemetry/index.ts";
import { columnsOf, paramsOf } from "./count-columns.ts";
import { type PendingHour, readPending } from "./pending-hours.ts";
import { clocksApartMaxMs, dayMs, hourMs, keptForMs } from "./periods.ts";

/**
 * What one transaction adds: enough to add up what a host told in several batches, little enough to fit into memory and to hold
 * nobody up, whatever hosts tell.
 */
const portionMax = { batches: 500, batchesOfServer: 20, bytes: 4 * 1024 * 1024 } as const;

// A page speaks of it after two minutes.
const notedEveryMs = 30_000;

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
  const begunAt = ctx.now();
  const failed = new Map<string, unknown>();
  const until = await withSystemTransaction(ctx, async (tx) => {
    const [last] = await tx.select({ id: max(deliveryPending.id) }).from(deliveryPending);
    return last?.id ?? null;
  });
  for (let isDone = until === null; !isDone && until !== null; ) {
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
  await noteProgress(ctx, { begunAt, failed: [...failed.keys()] });
  return [...failed].map(([serverId, cause]) => ({ serverId, cause }));
}

/** Notes up to when all is added and of which servers nothing is, so that pages can say so. */
function noteProgress(
  ctx: SystemContext,
  { begunAt, failed }: { begunAt: Date; failed: readonly string[] },
): Promise<void> {
  const at = (offsetMs: number) => new Date(begunAt.getTime() + offsetMs);
  return withSystemTransaction(ctx, async (tx) => {
    await tx
      .update(rollUpState)
      .set({ addedUntil: begunAt })
      // Also where it is ahead, since the clock was.
      .where(notBetween(rollUpState.addedUntil, at(-notedEveryMs), at(notedEveryMs)));
    await tx
      .delete(stalledRollUps)
      .where(failed.length === 0 ? undefined : notInArray(stalledRollUps.serverId, [...failed]));
    if (failed.length === 0) return;
    const scope = { id: servers.id, organisationId: servers.organisationId, tenantId: servers.tenantId };
    // One that was removed meanwhile has nothing to wait for.
    const stalled = await tx
      .select(scope)
      .from(servers)
      .where(inArray(servers.id, [...failed]))
      .for("key share");
    if (stalled.length === 0) return;
    await tx
      .insert(stalledRollUps)
      .values(stalled.map(({ id, ...rest }) => ({ serverId: id, ...rest, since: begunAt })))
      .onConflictDoNothing();
  });
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

/** Adds the oldest that wait, of all servers alike, so that none waits for another that told much. True when nothing waits. */
function rollUpSome(ctx: SystemContext, portion: Portion): Promise<boolean> {
  return withSystemTransaction(ctx, async (tx) => {
    // Two would add to the same rows in different orders.
    await tx.execute(sql`select pg_advisory_xact_lock(7265062)`);
    const taken = await chooseBatches(tx, portion);
    if (taken.length === 0) return true;
    // Held: a server that is removed would wait for what is taken away here, and this for the server.
    await tx
      .select({ id: servers.id })
      .from(servers)
      .where(inArray(servers.id, [...new Set(taken.map(({ serverId }) => serverId))]))
      .orderBy(asc(servers.id))
      .for("key share");
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
    return false;
  });
}

/** The first of each server, then the second of each, as far as a portion goes; always one. */
async function chooseBatches(
  tx: Transaction,
  portion: Portion,
): Promise<readonly { readonly id: number; readonly serverId: string }[]> {
  const waiting = tx
    .select({
      id: deliveryPending.id,
      serverId: deliveryPending.serverId,
      place:
        sql<number>`row_number() over (partition by ${deliveryPending.serverId} order by ${deliveryPending.id})`.as(
          "place",
        ),
      bytes: sql<number>`pg_column_size(${deliveryPending.hours})`.as("bytes"),
    })
    .from(deliveryPending)
    .where(isMeant(portion))
    .as("waiting");
  const rows = await tx
    .select({ id: waiting.id, serverId: waiting.serverId, bytes: waiting.bytes })
    .from(waiting)
    .where(lte(waiting.place, portionMax.batchesOfServer))
    .orderBy(asc(waiting.place), asc(waiting.id))
    .limit(portionMax.batches);
  let bytes = 0;
  return rows.filter((row, place) => {
    bytes += row.bytes;
    return place === 0 || bytes <= portionMax.bytes;
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
