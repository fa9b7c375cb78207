import { type PeriodCount, readCategory, readProvider } from "@mailstead/core/delivery";
import { deliveryDays, deliveryHours, deliveryMinutes, type Transaction } from "@mailstead/db";
import { and, eq, gte, lt, type SQL } from "drizzle-orm";
import { dayMs, hourMs, keptForMs } from "./periods.ts";

/** A domain of a customer's. What hosts of others tell of it is not believed: any host may name any domain. */
export interface OwnDomain {
  readonly name: string;
  readonly tenantId: string;
}

/** Whose deliveries, and of which time. */
export interface CountScope {
  readonly domain?: OwnDomain;
  readonly serverId?: string;
  readonly from: Date;
  readonly until: Date;
}

/** Length of the periods that counts of a time are read by: the shortest that is still kept and not too many. */
export function periodFor({ from, until }: { from: Date; until: Date }, now: Date): number {
  const length = until.getTime() - from.getTime();
  const age = now.getTime() - from.getTime();
  if (length <= 6 * hourMs && age <= keptForMs.minutes) return 60_000;
  return age <= keptForMs.hours ? hourMs : dayMs;
}

/** The counts of a time, by the longest periods that tell it well enough. Rows are seen as the transaction's context lets. */
export async function readCounts(
  tx: Transaction,
  scope: CountScope,
  now: Date,
): Promise<readonly PeriodCount[]> {
  const periodMs = periodFor(scope, now);
  const table = periodMs === dayMs ? deliveryDays : periodMs === hourMs ? deliveryHours : deliveryMinutes;
  // A period that begins before `from` is read whole: half of its counts cannot be told apart.
  const first = new Date(Math.floor(scope.from.getTime() / periodMs) * periodMs);
  const conditions: (SQL | undefined)[] = [
    gte(table.startsAt, first),
    lt(table.startsAt, scope.until),
    scope.domain === undefined
      ? undefined
      : and(eq(table.domain, scope.domain.name), eq(table.tenantId, scope.domain.tenantId)),
    scope.serverId === undefined ? undefined : eq(table.serverId, scope.serverId),
  ];
  const rows = await tx
    .select({
      startsAt: table.startsAt,
      direction: table.direction,
      domain: table.domain,
      sendingAddress: table.sendingAddress,
      provider: table.provider,
      status: table.status,
      category: table.category,
      attempts: table.attempts,
      firstAttempts: table.firstAttempts,
      overTls: table.overTls,
      sizeBytes: table.sizeBytes,
      latencies: table.latencies,
    })
    .from(table)
    .where(and(...conditions));
  return rows.map((row) => ({
    ...row,
    startsAt: row.startsAt.getTime(),
    sendingAddress: row.sendingAddress || null,
    status: row.status as PeriodCount["status"],
    provider: readProvider(row.provider),
    category: readCategory(row.category),
  }));
}
