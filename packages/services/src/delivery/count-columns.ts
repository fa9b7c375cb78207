import type { PeriodCount } from "@mailstead/core/delivery";
import { type SQL, sql } from "drizzle-orm";

type List = readonly (string | number | null)[];

/** Lists as the parameters of a call. What holds numbers is written here, since the driver looks into each value for quotes. */
export function paramsOf(lists: readonly List[]): SQL {
  const params = lists.map((list) =>
    typeof list[0] === "number" ? sql`${`{${list.join(",")}}`}` : sql`${sql.param(list)}`,
  );
  return sql.join(params, sql`, `);
}

/** What is told apart and counted, a list for each column, in the order that the functions of the database take them. */
export function columnsOf(counts: readonly PeriodCount[]): readonly List[] {
  return [
    counts.map(({ direction }) => direction),
    counts.map(({ domain }) => domain),
    counts.map(({ sendingAddress }) => sendingAddress ?? ""),
    counts.map(({ provider }) => provider ?? ""),
    counts.map(({ status }) => status),
    counts.map(({ category }) => category ?? ""),
    counts.map(({ attempts }) => attempts),
    counts.map(({ firstAttempts }) => firstAttempts),
    counts.map(({ overTls }) => overTls),
    counts.map(({ sizeBytes }) => sizeBytes),
    counts.map(({ latencies }) => JSON.stringify(latencies)),
  ];
}
