import { type Logger, pino } from "pino";

export type Log = Pick<Logger, "debug" | "info" | "warn" | "error">;

/** Structured lines on standard output. Only what is named is logged: never a frame, a token, a key or an order. */
export function createLog(level: string): Log {
  return pino({ base: { app: "gateway" }, level, formatters: { level: (label) => ({ level: label }) } });
}
