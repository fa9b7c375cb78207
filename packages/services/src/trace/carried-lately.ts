import { deliveryDays, domains } from "@mailstead/db";
import { and, eq, gte } from "drizzle-orm";

/** For how long a server knows of a domain that has left it; a host's index keeps no more. */
const knownAfterMoveMs = 31 * 24 * 3_600_000;

/** Joins domains to the days on which some server carried their mail, wherever they are at home now. */
export function carriedLately(now: Date) {
  return and(
    eq(deliveryDays.tenantId, domains.tenantId),
    eq(deliveryDays.domain, domains.name),
    gte(deliveryDays.startsAt, new Date(now.getTime() - knownAfterMoveMs)),
  );
}
