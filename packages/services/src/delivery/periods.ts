export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** For how long counts are kept, by their period; the partitions that hold them stay a little longer. */
export const keptForMs = { minutes: 7 * dayMs, hours: 89 * dayMs, days: 3 * 365 * dayMs } as const;

/** For how long samples of replies are kept. */
export const samplesKeptForMs = 30 * dayMs;

/**
 * Clocks may be apart by as much as orders allow. What a host claims to be later is counted now, and what the worker may
 * have dropped the partition of already is not counted by that period.
 */
export const clocksApartMaxMs = 10 * minuteMs;
