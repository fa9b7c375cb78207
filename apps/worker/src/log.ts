import { type Logger, pino } from "pino";

export type Log = Pick<Logger, "debug" | "info" | "warn" | "error">;

/** Structured lines on standard output. Only what is named is logged: never an order, a key or a link. */
export function createLog(level: string): Log {
  return pino({ base: { app: "worker" }, level, formatters: { level: (label) => ({ level: label }) } });
}
