import type { PeriodCount } from "@mailstead/core/delivery";

/** What is told apart and counted, a list for each column, in the order that the functions of the database take them. */
export function columnsOf(counts: readonly PeriodCount[]): readonly (readonly (string | number)[])[] {
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
