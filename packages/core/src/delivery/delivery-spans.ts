const dayMs = 24 * 3_600_000;

/** Times that a person may look at, in milliseconds. */
export const deliverySpans = { day: dayMs, week: 7 * dayMs, month: 30 * dayMs, quarter: 90 * dayMs } as const;
export type DeliverySpan = keyof typeof deliverySpans;

export const deliverySpanNames = Object.keys(deliverySpans) as [DeliverySpan, ...DeliverySpan[]];
