import { deliveryDays, serverDays, type Transaction } from "@mailstead/db";
import { and, eq, type SQL, sql } from "drizzle-orm";
import type { AnyPgColumn } from "drizzle-orm/pg-core";
import { readWholeDays } from "../summed-days/index.ts";
import { type CountScope, isMeant } from "./count-scope.ts";
import { dayMs } from "./periods.ts";

/** What came of one day's attempts at one receiver, of whichever domain and address the scope means. */
export interface SummedDay {
  readonly startsAt: number;
  readonly provider: string;
  readonly status: string;
  readonly category: string;
  readonly attempts: number;
  readonly firstAttempts: number;
  readonly overTls: number;
  readonly sizeBytes: number;
  readonly [column: string]: unknown;
}

const firstOf = ({ from }: CountScope): number => Math.floor(from.getTime() / dayMs) * dayMs;

/** Beginnings of the days of a scope that are kept summed: of whole servers alone. */
export async function readSummedDays(tx: Transaction, scope: CountScope): Promise<ReadonlySet<number>> {
  const { serverId, domain, until } = scope;
  if (serverId === undefined || domain !== undefined) return new Set();
  return readWholeDays(tx, { serverId, kind: "deliveries", from: new Date(firstOf(scope)), until });
}

interface AskedDays {
  /** Which categories of replies are meant. */
  readonly hasCategory: (column: AnyPgColumn) => SQL;
  /** Days that may be taken from the sums that are kept. */
  readonly whole: ReadonlySet<number>;
}

/** Sums by day: those that are whole from what is kept, the others from their rows. */
export async function sumDays(
  tx: Transaction,
  scope: CountScope,
  { hasCategory, whole }: AskedDays,
): Promise<readonly SummedDay[]> {
  const first = firstOf(scope);
  const count = Math.ceil((scope.until.getTime() - first) / dayMs);
  const days = Array.from({ length: count }, (_, place) => first + place * dayMs);
  const kept = days.filter((day) => whole.has(day));
  const open = days.filter((day) => !whole.has(day));
  return [
    ...(await readKept(tx, scope, { days: kept, where: hasCategory(serverDays.category) })),
    ...(await sumOpen(tx, scope, { days: open, where: hasCategory(deliveryDays.category) })),
  ];
}

interface Days {
  readonly days: readonly number[];
  readonly where: SQL;
}

const momentsOf = (days: readonly number[]) =>
  sql`${sql.param(days.map((day) => new Date(day).toISOString()))}::timestamptz[]`;
const sumsOf = (table: typeof deliveryDays | typeof serverDays) => {
  const sum = (column: AnyPgColumn) => sql`sum(${column})::float8`;
  return sql`${table.provider}, ${table.status}, ${table.category}, ${sum(table.attempts)} as attempts,
    ${sum(table.firstAttempts)} as "firstAttempts", ${sum(table.overTls)} as "overTls", ${sum(table.sizeBytes)} as "sizeBytes"`;
};

async function readKept(
  tx: Transaction,
  { serverId, sendingAddress }: CountScope,
  { days, where }: Days,
): Promise<readonly SummedDay[]> {
  if (days.length === 0 || serverId === undefined) return [];
  const isMeantHere = and(
    eq(serverDays.serverId, serverId),
    sendingAddress === undefined ? undefined : eq(serverDays.sendingAddress, sendingAddress),
    where,
  );
  const { rows } = await tx.execute<SummedDay>(sql`
    select (extract(epoch from ${serverDays.startsAt}) * 1000)::float8 as "startsAt", ${sumsOf(serverDays)}
    from ${serverDays} where ${isMeantHere} and ${serverDays.startsAt} = any(${momentsOf(days)})
    group by ${serverDays.startsAt}, ${serverDays.provider}, ${serverDays.status}, ${serverDays.category}`);
  return rows;
}

/** Day by day: for a quarter at once Postgres would rather read the days of the whole organisation. */
async function sumOpen(
  tx: Transaction,
  scope: CountScope,
  { days, where }: Days,
): Promise<readonly SummedDay[]> {
  if (days.length === 0) return [];
  const { rows } = await tx.execute<SummedDay>(sql`
    select (extract(epoch from periods.day) * 1000)::float8 as "startsAt", sums.*
    from unnest(${momentsOf(days)}) as periods (day)
    cross join lateral (
      select ${sumsOf(deliveryDays)}
      from ${deliveryDays} where ${isMeant(deliveryDays, scope, dayMs)} and ${where} and ${deliveryDays.startsAt} = periods.day
      group by ${deliveryDays.provider}, ${deliveryDays.status}, ${deliveryDays.category}) sums`);
  return rows;
}
