import { dayMs } from "../delivery/periods.ts";

/** Midnight UTC of the day that a time lies in, in milliseconds since 1970. */
export function startOfDay(at: number): number {
  return Math.floor(at / dayMs) * dayMs;
}

/** A day as Postgres writes it. */
export function dayText(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
