import type { HealthBaseline } from "@mailstead/core/updates";
import { deliveryHours, type Transaction } from "@mailstead/db";
import { and, eq, gte, inArray, lt, sql } from "drizzle-orm";

const hourMs = 3_600_000;
/** Each hour of the week has its own habits. */
const usualHours = 7 * 24;

/** What each of these servers sent in every hour of the week before, by what came of it; hours without mail say nothing. */
export async function readUsualHours(
  tx: Transaction,
  { serverIds, now }: { serverIds: readonly string[]; now: Date },
): Promise<ReadonlyMap<string, HealthBaseline>> {
  if (serverIds.length === 0) return new Map();
  const of = (...statuses: readonly string[]) =>
    sql<number>`coalesce(sum(${deliveryHours.attempts}) filter (where ${inArray(deliveryHours.status, [...statuses])}), 0)::integer`;
  // The hour that is not over yet may hold what the change has done.
  const until = new Date(Math.floor(now.getTime() / hourMs) * hourMs);
  const rows = await tx
    .select({
      serverId: deliveryHours.serverId,
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
  const usual = new Map<string, HealthBaseline>();
  for (const { serverId, ...recent } of rows)
    usual.set(serverId, [...(usual.get(serverId) ?? []), { queueMessages: null, recent }]);
  return usual;
}
