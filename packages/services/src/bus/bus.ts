import type { BusChannel } from "./channels.ts";
import { openPostgresBus } from "./postgres-bus.ts";
import { openRedisBus } from "./redis-bus.ts";

/**
 * Wake-ups between processes. A payload carries ids and numbers only, never content, and at most a few hundred bytes.
 * Losing a wake-up costs time, never work: whoever listens also looks by itself now and then.
 */
export interface Bus {
  /** Never rejects: what could not be sent is told to `onProblem`, and a sweep finds it. */
  publish(channel: BusChannel, payload: string): Promise<void>;
  /** Resolves once nothing published from now on is missed while the connection stands. */
  subscribe(channel: BusChannel, handler: BusHandler): Promise<BusSubscription>;
  close(): Promise<void>;
}

/** Called with "" when the connection was lost and stands again: something may have been missed, so look again. */
export type BusHandler = (payload: string) => void;

export interface BusSubscription {
  close(): Promise<void>;
}

export interface BusAddress {
  readonly databaseUrl: string;
  readonly redisUrl?: string | undefined;
  /** Hears of lost connections; the bus reconnects by itself. */
  readonly onProblem?: ((problem: Error) => void) | undefined;
}

/** Opens the bus on Redis when the address names one, else on LISTEN and NOTIFY of Postgres. */
export function openBus(address: BusAddress): Promise<Bus> {
  return address.redisUrl === undefined ? openPostgresBus(address) : openRedisBus(address);
}
