/** Times that the whole of an organisation is looked at over, in days. */
export const fleetSpanDays = { week: 7, month: 30, quarter: 90 } as const;
export type FleetSpan = keyof typeof fleetSpanDays;
