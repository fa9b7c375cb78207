/**
 * The day of a date as providers write it: 2026-11-20, 20261120, 11/20/2026 or 11/20/2026 8:00 AM (the US order), or an
 * ISO moment; null for anything else and for days that do not exist.
 */
export function readDay(text: string): string | null {
  const clean = text.trim();
  const iso = /^(\d{4})-?(\d{2})-?(\d{2})(?:[T ].*)?$/.exec(clean);
  if (iso !== null) return existing(iso[1], iso[2], iso[3]);
  const us = /^(\d{1,2})\/(\d{1,2})\/(\d{4})(?:\s+.*)?$/.exec(clean);
  return us === null ? null : existing(us[3], us[1]?.padStart(2, "0"), us[2]?.padStart(2, "0"));
}

function existing(year = "", month = "", day = ""): string | null {
  const text = `${year}-${month}-${day}`;
  const at = Date.parse(`${text}T00:00:00Z`);
  // JavaScript takes the 31st of February for a day in March.
  return Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== text ? null : text;
}
