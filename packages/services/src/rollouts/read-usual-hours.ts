import type { Attempts } from "@mailstead/core/rollouts";
import { deliveryHours, type Transaction } from "@mailstead/db";
import { and, eq, gte, inArray, lt, sql } from "drizzle-orm";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Each hour of the week has its own habits. */
const usualHours = 7 * 24;

/** One hour in which a server sent something. */
export interface UsualHour {
  readonly startsAt: Date;
  readonly queueMessages: null;
  readonly recent: Attempts;
}

/** What each of these servers sent in every hour of the week before, by what came of it; hours without mail say nothing. */
export async function readUsualHours(
  tx: Transaction,
  { serverIds, now }: { serverIds: readonly string[]; now: Date },
): Promise<ReadonlyMap<string, readonly UsualHour[]>> {
  if (serverIds.length === 0) return new Map();
  const of = (...statuses: readonly string[]) =>
    sql<number>`coalesce(sum(${deliveryHours.attempts}) filter (where ${inArray(deliveryHours.status, [...statuses])}), 0)::integer`;
  // The hour that is not over yet may hold what the change has done.
  const until = new Date(Math.floor(now.getTime() / hourMs) * hourMs);
  const rows = await tx
    .select({
      serverId: deliveryHours.serverId,
      startsAt: deliveryHours.startsAt,
      sent: of("sent"),
      deferred: of("deferred"),
      bounced: of("bounced", "expired"),
    })
    .from(deliveryHours)
    .where(
      and(
        inArray(deliveryHours.serverId, [...serverIds]),
        eq(deliveryHours.direction, "outbound"),
        gte(deliveryHours.startsAt, new Date(until.getTime() - usualHours * hourMs)),
        lt(deliveryHours.startsAt, until),
      ),
    )
    .groupBy(deliveryHours.serverId, deliveryHours.startsAt);
  const usual = new Map<string, UsualHour[]>();
  for (const { serverId, startsAt, ...recent } of rows)
    usual.set(serverId, [...(usual.get(serverId) ?? []), { startsAt, queueMessages: null, recent }]);
  return usual;
}

/** Of usual hours, those at the time of day that is now and that follows, together: mornings are not held to nights. */
export function usualAtThisTime(
  hours: readonly UsualHour[],
  { now, forMs }: { now: Date; forMs: number },
): Attempts {
  const sums = { sent: 0, deferred: 0, bounced: 0 };
  for (const { startsAt, recent } of hours) {
    const days = Math.floor((now.getTime() - startsAt.getTime()) / dayMs);
    const here = [days, days + 1].map((ago) => startsAt.getTime() + ago * dayMs - now.getTime());
    if (!here.some((offMs) => offMs > -hourMs && offMs < forMs)) continue;
    sums.sent += recent.sent;
    sums.deferred += recent.deferred;
    sums.bounced += recent.bounced;
  }
  return sums;
}
