import { deliveryDays, deliveryHours, deliveryMinutes } from "@mailstead/db";
import { and, eq, gte, lt } from "drizzle-orm";
import { dayMs, hourMs } from "./periods.ts";

/** A domain of a customer's. What hosts of others tell of it is not believed: any host may name any domain. */
export interface OwnDomain {
  readonly name: string;
  readonly tenantId: string;
}

/** Whose deliveries, and of which time. */
export interface CountScope {
  readonly domain?: OwnDomain;
  readonly serverId?: string;
  readonly sendingAddress?: string;
  readonly from: Date;
  readonly until: Date;
}

/** Where counts of periods of a length are. */
export const tableOf = (periodMs: number) =>
  periodMs === dayMs ? deliveryDays : periodMs === hourMs ? deliveryHours : deliveryMinutes;

/** Rows of counts that are meant; a period that begins before the time is read whole. */
export function isMeant(
  table: ReturnType<typeof tableOf>,
  { domain, serverId, sendingAddress, from, until }: CountScope,
  periodMs: number,
) {
  // Half of a period's counts cannot be told apart.
  const first = new Date(Math.floor(from.getTime() / periodMs) * periodMs);
  return and(
    gte(table.startsAt, first),
    lt(table.startsAt, until),
    eq(table.direction, "outbound"),
    domain === undefined
      ? undefined
      : and(eq(table.domain, domain.name), eq(table.tenantId, domain.tenantId)),
    serverId === undefined ? undefined : eq(table.serverId, serverId),
    sendingAddress === undefined ? undefined : eq(table.sendingAddress, sendingAddress),
  );
}
