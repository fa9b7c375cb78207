import {
  type Attempts,
  judgeSums,
  type MailSums,
  type SummedServer,
  sumsSpacingMs,
} from "@mailstead/core/rollouts";
import type { RecentAttempts } from "@mailstead/core/updates";
import { deliveryMinutes, rolloutMembers, type rollouts, type Transaction } from "@mailstead/db";
import { and, eq, inArray, isNotNull, sql } from "drizzle-orm";

type RolloutRow = typeof rollouts.$inferSelect;

/** In these states a server has the change, and nothing of its own speaks against it. */
const goodStates = ["baking", "rechecking", "succeeded"] as const;
/** After so long what a server sends has other causes, and is no more at the time of day that is held to it. */
export const sinceForMs = 3 * 3_600_000;
/** Later minutes of a host that is behind still come. */
const tellsLateMs = 10 * 60_000;
/** As many at a time as are read in some tens of milliseconds; the others follow. */
const serversAtOnce = 300;

/**
 * Judges the mail of all servers together that have the change, no oftener than two looks have to be apart unless it is wanted
 * now, because something would follow from it. Gives what was known where nothing new is.
 */
export async function lookAtSums(
  tx: Transaction,
  rollout: RolloutRow,
  { now, isWantedNow }: { now: Date; isWantedNow: boolean },
): Promise<MailSums | null> {
  const { id, sums, state, settings } = rollout;
  if (state !== "running" || !settings.checksMail) return sums;
  const lastAt = sums === null ? null : Date.parse(sums.at);
  const isDue = lastAt === null || now.getTime() - lastAt >= sumsSpacingMs;
  if (!isDue && (!isWantedNow || lastAt === now.getTime())) return sums;
  await readSince(tx, id, now);
  const servers = await readServers(tx, id);
  if (servers.length === 0) return sums;
  return judgeSums(servers, { before: sums, forgiven: rollout.forgivenSums ?? {}, now });
}

/** Adds up what servers have sent since their change, first of those of which least is known. */
async function readSince(tx: Transaction, rolloutId: string, now: Date): Promise<void> {
  const readUntil = new Date(now.getTime() - sumsSpacingMs / 2);
  const from = new Date(now.getTime() - sinceForMs - 2 * tellsLateMs);
  const of = (...statuses: readonly string[]) =>
    sql`coalesce(sum(told.attempts) filter (where told.status in (${sql.join(
      statuses.map((status) => sql`${status}`),
      sql`, `,
    )})), 0)::integer`;
  const window = sql.raw(`interval '${sinceForMs} milliseconds'`);
  const late = sql.raw(`interval '${sinceForMs + tellsLateMs} milliseconds'`);
  await tx.execute(sql`
    with asked as materialized (
      select server_id, changed_at from ${rolloutMembers}
      where rollout_id = ${rolloutId} and state = any(${sql.param([...goodStates])}::text[]) and changed_at is not null
        and (since_at is null or (since_at < ${readUntil} and since_at < changed_at + ${late}))
      order by since_at nulls first, position limit ${serversAtOnce}
    ), summed as (
      select asked.server_id, jsonb_build_object('sent', ${of("sent")}, 'deferred', ${of("deferred")},
        'bounced', ${of("bounced", "expired")}) as since
      from asked left join ${deliveryMinutes} told on told.server_id = asked.server_id and told.direction = 'outbound'
        and told.starts_at >= ${from} and told.starts_at >= asked.changed_at and told.starts_at < asked.changed_at + ${window}
      group by asked.server_id
    )
    update ${rolloutMembers} as member set since = summed.since, since_at = ${now}
    from summed where member.rollout_id = ${rolloutId} and member.server_id = summed.server_id`);
}

async function readServers(tx: Transaction, rolloutId: string): Promise<readonly SummedServer[]> {
  const recent = (column: typeof rolloutMembers.healthBefore | typeof rolloutMembers.healthAfter) =>
    sql<RecentAttempts | null>`${column} #> '{figures,recent}'`;
  const rows = await tx
    .select({
      wave: rolloutMembers.wave,
      state: rolloutMembers.state,
      usual: rolloutMembers.usual,
      since: rolloutMembers.since,
      recentBefore: recent(rolloutMembers.healthBefore),
      recentAfter: recent(rolloutMembers.healthAfter),
    })
    .from(rolloutMembers)
    .where(
      and(
        eq(rolloutMembers.rolloutId, rolloutId),
        inArray(rolloutMembers.state, [...goodStates]),
        isNotNull(rolloutMembers.changedAt),
      ),
    );
  return rows.map(({ wave, state, usual, since, recentBefore, recentAfter }) => ({
    wave,
    shares: {
      ...(usual === null || since === null
        ? {}
        : {
            deferred: { now: share(since, "deferred"), usual: share(usual, "deferred") },
            bounced: { now: share(since, "bounced"), usual: share(usual, "bounced") },
          }),
      // Who was looked at right after its change told of the minutes before it.
      ...(state !== "succeeded" || recentBefore === null || recentAfter === null
        ? {}
        : { rejected: { now: rejects(recentAfter), usual: rejects(recentBefore) } }),
    },
  }));
}

function share(attempts: Attempts, about: "deferred" | "bounced") {
  const { sent, deferred, bounced } = attempts;
  return { count: attempts[about], of: sent + deferred + bounced };
}

function rejects({ sent, deferred, bounced, rejected }: RecentAttempts) {
  return { count: rejected, of: sent + deferred + bounced + rejected };
}
