import type { PeriodCount } from "@mailstead/core/delivery";

/** A count of an hour as it waits to be added: its values in this order, since their names would be most of it. */
export type PendingHour = readonly [
  startsAt: PeriodCount["startsAt"],
  direction: PeriodCount["direction"],
  domain: PeriodCount["domain"],
  sendingAddress: PeriodCount["sendingAddress"],
  provider: PeriodCount["provider"],
  status: PeriodCount["status"],
  category: PeriodCount["category"],
  attempts: PeriodCount["attempts"],
  firstAttempts: PeriodCount["firstAttempts"],
  overTls: PeriodCount["overTls"],
  sizeBytes: PeriodCount["sizeBytes"],
  latencies: PeriodCount["latencies"],
];

/** Writes counts of hours as they are kept until they are added; null where there are none. */
export function writePending(hours: readonly PeriodCount[]): string | null {
  if (hours.length === 0) return null;
  const rows = hours.map(
    (one): PendingHour => [
      one.startsAt,
      one.direction,
      one.domain,
      one.sendingAddress,
      one.provider,
      one.status,
      one.category,
      one.attempts,
      one.firstAttempts,
      one.overTls,
      one.sizeBytes,
      one.latencies,
    ],
  );
  return JSON.stringify(rows);
}

/** Reads what `writePending` wrote. */
export function readPending(pending: readonly PendingHour[]): readonly PeriodCount[] {
  return pending.map(
    ([
      startsAt,
      direction,
      domain,
      sendingAddress,
      provider,
      status,
      category,
      attempts,
      firstAttempts,
      overTls,
      sizeBytes,
      latencies,
    ]) => ({
      startsAt,
      direction,
      domain,
      sendingAddress,
      provider,
      status,
      category,
      attempts,
      firstAttempts,
      overTls,
      sizeBytes,
      latencies,
    }),
  );
}
