const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

const steps: readonly { unit: Intl.RelativeTimeFormatUnit; ms: number; below: number }[] = [
  { unit: "minute", ms: minuteMs, below: hourMs },
  { unit: "hour", ms: hourMs, below: dayMs },
  { unit: "day", ms: dayMs, below: 45 * dayMs },
  { unit: "month", ms: 30 * dayMs, below: 365 * dayMs },
  { unit: "year", ms: 365 * dayMs, below: Number.POSITIVE_INFINITY },
];

export interface Formats {
  /** "3 minutes ago", or the locale's word for now within the last minute. */
  relative(at: Date, now: Date): string;
  /** Date and time to the second with the zone's short name, in the viewer's own zone. */
  exact(at: Date): string;
  day(at: Date): string;
  /** Month and day of a day that was counted from midnight to midnight UTC, given as 2026-11-30. */
  utcDay(day: string): string;
  /** The short name of such a day's month. */
  utcMonth(day: string): string;
  /** Clock time to the second. */
  clock(at: Date): string;
  number(value: number): string;
  /** Binary sizes, written as people say them: 512 MB, 1.5 GB. */
  bytes(value: number): string;
  percent(part: number): string;
  /** The same with one decimal where it would else read as all or nothing. */
  part(part: number): string;
  /** 850 ms, 4.2 s, 3 min 20 s, 2 h 5 min. */
  duration(ms: number): string;
  /** How long something went on, in whole hours or days: 5 hours, 3 days. */
  span(ms: number): string;
}

/** Makes the formatters of a locale; each is pure, so the current time is an argument. */
export function createFormats(locale: string): Formats {
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "always", style: "long" });
  const soon = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const exact = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "long" });
  const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
  const clock = new Intl.DateTimeFormat(locale, {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hour12: false,
  });
  const utcDay = new Intl.DateTimeFormat(locale, { month: "short", day: "numeric", timeZone: "UTC" });
  const utcMonth = new Intl.DateTimeFormat(locale, { month: "short", timeZone: "UTC" });
  const fine = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 });
  const long = (name: string) =>
    new Intl.NumberFormat(locale, { style: "unit", unit: name, unitDisplay: "long" });
  const number = new Intl.NumberFormat(locale);
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });
  const unit = (name: string, digits: number) =>
    new Intl.NumberFormat(locale, { style: "unit", unit: name, maximumFractionDigits: digits });

  return {
    relative(at, now) {
      const difference = at.getTime() - now.getTime();
      const size = Math.abs(difference);
      if (size < minuteMs) return soon.format(0, "second");
      const step = steps.find((candidate) => size < candidate.below);
      return step === undefined
        ? day.format(at)
        : relative.format(Math.trunc(difference / step.ms), step.unit);
    },
    exact: (at) => exact.format(at),
    day: (at) => day.format(at),
    utcDay: (at) => utcDay.format(new Date(`${at}T00:00:00Z`)),
    utcMonth: (at) => utcMonth.format(new Date(`${at}T00:00:00Z`)),
    clock: (at) => clock.format(at),
    number: (value) => number.format(value),
    percent: (part) => percent.format(part),
    part: (part) => ((part > 0 && part < 0.05) || (part > 0.95 && part < 1) ? fine : percent).format(part),
    span: (ms) =>
      ms < 2 * dayMs
        ? long("hour").format(Math.max(1, Math.round(ms / hourMs)))
        : long("day").format(Math.round(ms / dayMs)),
    bytes(value) {
      const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
      let size = value;
      let index = 0;
      while (size >= 1000 && index < units.length - 1) {
        size /= 1024;
        index += 1;
      }
      return unit(units[index] ?? "byte", size < 10 && index > 1 ? 1 : 0).format(size);
    },
    duration(ms) {
      if (ms < 1000) return unit("millisecond", 0).format(Math.round(ms));
      const seconds = ms / 1000;
      if (seconds < 60) return unit("second", seconds < 10 ? 1 : 0).format(seconds);
      const whole = Math.round(seconds);
      const minutes = Math.floor(whole / 60);
      const parts =
        minutes < 60
          ? [
              { size: minutes, name: "minute" },
              { size: whole % 60, name: "second" },
            ]
          : [
              { size: Math.floor(minutes / 60), name: "hour" },
              { size: minutes % 60, name: "minute" },
            ];
      return parts
        .filter(({ size }) => size > 0)
        .map(({ size, name }) => unit(name, 0).format(size))
        .join(" ");
    },
  };
}
