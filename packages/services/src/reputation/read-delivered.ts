import { deliveryDays, domains, type Transaction } from "@mailstead/db";
import { sql } from "drizzle-orm";
import { deliveredBy } from "../summed-days/index.ts";
import { receiverKey, type ToldOf } from "./told-of.ts";

interface Row {
  readonly domainId: string | null;
  readonly serverId: string | null;
  readonly address: string | null;
  readonly provider: string;
  readonly day: string;
  readonly delivered: number;
  readonly [column: string]: unknown;
}

/** What these domains and servers' addresses delivered since a moment: by whom and where to, for each day, as 2026-11-20. */
export async function readDelivered(
  tx: Transaction,
  { senders, from, now }: { senders: readonly ToldOf[]; from: Date; now: Date },
): Promise<(of: ToldOf) => ReadonlyMap<string, number>> {
  const ids = (read: (sender: ToldOf) => string | null) =>
    sql.param([...new Set(senders.map(read).filter((id) => id !== null))]);
  const isDelivered = sql`${deliveryDays.direction} = 'outbound' and ${deliveryDays.status} = 'sent'
    and ${deliveryDays.startsAt} >= ${from.toISOString()}::timestamptz`;
  const day = sql`to_char(${deliveryDays.startsAt} at time zone 'UTC', 'YYYY-MM-DD')`;
  const delivered = sql`sum(${deliveryDays.attempts})::float8 as delivered`;
  const { rows } = await tx.execute<Row>(sql`
    select ${domains.id} as "domainId", null::uuid as "serverId", null as address, ${deliveryDays.provider} as provider, ${day} as day, ${delivered}
    from ${deliveryDays} join ${domains} on ${domains.organisationId} = ${deliveryDays.organisationId}
      and ${domains.tenantId} = ${deliveryDays.tenantId} and ${domains.name} = ${deliveryDays.domain}
    where ${isDelivered} and ${domains.id} = any(${ids(({ domainId }) => domainId)}::uuid[])
    group by 1, 4, 5
    union all
    select null, sent.server_id, sent.sending_address, sent.provider, to_char(sent.starts_at at time zone 'UTC', 'YYYY-MM-DD'),
      sum(sent.attempts)::float8
    from ${deliveredBy({ chosen: sql`select unnest(${ids(({ serverId }) => serverId)}::uuid[])`, from, now })} sent
    group by 2, 3, 4, 5`);
  const found = Map.groupBy(rows, receiverKey);
  return (of) => new Map((found.get(receiverKey(of)) ?? []).map((row) => [row.day, row.delivered]));
}
