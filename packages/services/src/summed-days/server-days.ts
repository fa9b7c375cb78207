import { deliveryDays, serverDays, servers, summedDays, type Transaction } from "@mailstead/db";
import { type SQL, sql } from "drizzle-orm";
import type { Database, Installation, SystemContext } from "../context/index.ts";
import { keepSummedDays, type SummedKind } from "./keep-summed-days.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** What left each server, summed over its domains, of the days that are over. */
const deliveries: SummedKind = { kind: "deliveries", table: serverDays, sum: sumServer };

/**
 * Sums what left each server on the days that are over, where that is not kept or more was told since. Idempotent, and safe
 * beside itself. Gives the organisations in which that failed.
 */
export function keepServerDays(
  ctx: SystemContext,
  deps: { app: Database; installation: Installation },
): Promise<{ organisationId: string; cause: unknown }[]> {
  return keepSummedDays(ctx, deps, deliveries);
}

const textsOf = (days: readonly Date[]) => sql.param(days.map((day) => day.toISOString()));

async function sumServer(
  tx: Transaction,
  { serverId, days }: { serverId: string; days: readonly Date[] },
): Promise<void> {
  await tx.execute(sql`
    insert into ${serverDays} (server_id, starts_at, sending_address, provider, status, category, organisation_id, tenant_id,
      attempts, first_attempts, over_tls, size_bytes)
    select sums.* from unnest(${textsOf(days)}::timestamptz[]) as periods (day)
    cross join lateral (
      select server_id, starts_at, sending_address, provider, status, category, organisation_id, tenant_id,
        sum(attempts), sum(first_attempts), sum(over_tls), sum(size_bytes)
      from ${deliveryDays}
      where server_id = ${serverId} and direction = 'outbound' and starts_at = periods.day
      group by 1, 2, 3, 4, 5, 6, 7, 8) sums`);
}

/**
 * What each of some servers delivered, as rows of server_id, starts_at, sending_address, provider, attempts and over_tls:
 * from the sums that are kept, and of the days that are not summed, as this one, from their rows. `chosen` gives the ids of
 * the servers. Days that begin before `from` are left out.
 */
export function deliveredBy({ chosen, from, now }: { chosen: SQL; from: Date; now: Date }): SQL {
  const first = sql`${new Date(Math.ceil(from.getTime() / dayMs) * dayMs).toISOString()}::timestamptz`;
  // A day may begin a little after now, where a host's clock is ahead.
  const last = sql`${new Date(now.getTime() + hourMs).toISOString()}::timestamptz`;
  const known = sql`select server_id, starts_at from ${summedDays}
    where kind = 'deliveries' and starts_at >= ${first} and server_id in (${chosen})`;
  // What is whole and what is open again are each looked up once, as sets: there are many days, and few that are open.
  return sql`(
    select kept.server_id, kept.starts_at, kept.sending_address, kept.provider, kept.attempts, kept.over_tls
    from ${serverDays} kept
    where kept.status = 'sent' and kept.starts_at >= ${first} and kept.server_id in (${chosen})
      and (kept.server_id, kept.starts_at) not in (${known} and not is_whole)
    union all
    select open.server_id, open.starts_at, counts.sending_address, counts.provider, counts.attempts, counts.over_tls
    from (
      select id as server_id, day as starts_at
      from ${servers} cross join generate_series(${first}, ${last}, interval '24 hours') day where id in (${chosen})
      except (${known} and is_whole)) open
    cross join lateral (
      select sending_address, provider, sum(attempts) as attempts, sum(over_tls) as over_tls from ${deliveryDays}
      where server_id = open.server_id and starts_at = open.starts_at and direction = 'outbound' and status = 'sent'
      group by sending_address, provider) counts)`;
}
