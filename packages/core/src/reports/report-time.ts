/** How far a report's time may lie from now, in seconds, before it says nothing that can be used. */
export const reportTimeLimits = {
  /** Clocks of receivers run ahead, and time zones are mistaken. */
  aheadSMax: 26 * 3600,
  /** Reports are daily; a receiver that was down sends late. */
  agedSMax: 92 * 86_400,
  lengthSMax: 32 * 86_400,
} as const;

/** Why the time of a report cannot be believed, in one sentence; null where it can. Times are seconds since 1970. */
export function judgeReportTime(report: { beginS: number; endS: number }, nowS: number): string | null {
  const { beginS, endS } = report;
  const { aheadSMax, agedSMax, lengthSMax } = reportTimeLimits;
  if (!Number.isFinite(beginS) || !Number.isFinite(endS)) return "the report tells no time";
  if (endS < beginS) return "the report ends before it begins";
  if (endS - beginS > lengthSMax) return "the report covers more than a month";
  if (beginS > nowS + aheadSMax || endS > nowS + aheadSMax + 86_400) return "the report is of the future";
  if (endS < nowS - agedSMax) return "the report is too old to count";
  return null;
}
