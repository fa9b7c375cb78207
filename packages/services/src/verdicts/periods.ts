const hourMs = 60 * 60_000;
const dayMs = 24 * hourMs;

/** The two lengths of time that verdicts are summed by, and for how long each is kept. */
export const verdictPeriods = {
  hours: { lengthMs: hourMs, keptForMs: 31 * dayMs },
  days: { lengthMs: dayMs, keptForMs: 3 * 365 * dayMs },
} as const;
