import type { DaySum } from "@mailstead/core/reputation";
import { deliveryDays, deliveryHours, domains, type Transaction } from "@mailstead/db";
import { type SQL, sql } from "drizzle-orm";
import { readCategory, readProvider } from "../delivery/read-counts.ts";

/** An address of a server, or a domain. */
export interface Sender {
  readonly tenantId: string;
  readonly serverId: string | null;
  /** '' where it is not known from which address the server sent, and with a domain. */
  readonly address: string;
  readonly domainId: string | null;
}

/** A sender as one word, to find it by. */
export function senderOf({ serverId, address, domainId }: Omit<Sender, "tenantId">): string {
  return domainId ?? `${serverId} ${address}`;
}

interface Row extends Sender {
  readonly provider: string;
  readonly status: DaySum["status"];
  readonly category: string;
  readonly day: string;
  readonly firstAt: string;
  readonly lastAt: string;
  readonly attempts: number;
  readonly firstAttempts: number;
  readonly [column: string]: unknown;
}

/**
 * What every address and every domain sent, by receiver and day: from the sums of days, and since `exactFrom` from those of
 * hours, which say when the last reply of a kind came. Mail of domains that are not the customer's own counts for the
 * address alone.
 */
export async function readDaySums(
  tx: Transaction,
  time: { from: number; until: number; exactFrom: number },
): Promise<{ sums: readonly DaySum[]; senders: ReadonlyMap<string, Sender> }> {
  const senders = new Map<string, Sender>();
  const sums: DaySum[] = [];
  for (const query of [ofAddresses(counted(time)), ofDomains(counted(time))])
    for (const { provider, category, day, firstAt, lastAt, ...row } of (await tx.execute<Row>(query)).rows) {
      const { status, attempts, firstAttempts, ...sender } = row;
      const name = senderOf(sender);
      senders.set(name, sender);
      sums.push({
        sender: name,
        provider: readProvider(provider),
        status,
        category: readCategory(category),
        day: Number(day),
        firstAt: Number(firstAt),
        lastAt: Number(lastAt),
        attempts,
        firstAttempts,
      });
    }
  return { sums, senders };
}

function counted({ from, until, exactFrom }: { from: number; until: number; exactFrom: number }): SQL {
  const columns = sql.raw(
    "organisation_id, tenant_id, server_id, sending_address, domain, provider, status, category, starts_at, attempts, first_attempts",
  );
  const at = (ms: number) => sql`${new Date(ms).toISOString()}::timestamptz`;
  return sql`(
    select ${columns} from ${deliveryDays}
    where direction = 'outbound' and starts_at >= ${at(from)} and starts_at < ${at(exactFrom)}
    union all
    select ${columns} from ${deliveryHours}
    where direction = 'outbound' and starts_at >= ${at(exactFrom)} and starts_at < ${at(until)})`;
}

const summed = sql.raw(`provider, status, category,
  extract(epoch from date_trunc('day', starts_at, 'UTC')) * 1000 as day,
  extract(epoch from min(starts_at)) * 1000 as "firstAt", extract(epoch from max(starts_at)) * 1000 as "lastAt",
  sum(attempts)::float8 as attempts, sum(first_attempts)::float8 as "firstAttempts"`);
const alike = sql.raw("provider, status, category, date_trunc('day', starts_at, 'UTC')");

function ofAddresses(counts: SQL): SQL {
  return sql`select tenant_id as "tenantId", server_id as "serverId", sending_address as address,
      null as "domainId", ${summed}
    from ${counts} counted
    group by tenant_id, server_id, sending_address, ${alike}`;
}

function ofDomains(counts: SQL): SQL {
  return sql`select counted.tenant_id as "tenantId", null as "serverId", '' as address, known.id as "domainId", ${summed}
    from ${counts} counted
    join ${domains} known on known.organisation_id = counted.organisation_id
      and known.tenant_id = counted.tenant_id and known.name = counted.domain
    group by counted.tenant_id, known.id, ${alike}`;
}
