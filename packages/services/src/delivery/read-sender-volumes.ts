import { deliveryDays, type Transaction } from "@mailstead/db";
import { type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import type { OwnDomain } from "./count-scope.ts";

/** What a domain sent to one provider. */
export interface SenderVolume {
  readonly provider: string;
  /** Most messages on one day of all that are kept, and that day's beginning; with domains below, and without. */
  readonly peak: { readonly messages: number; readonly day: number } | null;
  readonly peakWithSubdomains: { readonly messages: number; readonly day: number } | null;
  /** Since the day that was asked for: what was taken, and what of it went over TLS. */
  readonly delivered: number;
  readonly overTls: number;
}

const row = z.object({
  provider: z.string(),
  day: z.coerce.date(),
  own: z.coerce.number(),
  all: z.coerce.number(),
  delivered: z.coerce.number(),
  over_tls: z.coerce.number(),
});

/** Sums a domain's outbound mail by provider, from the days that are kept. Rows are seen as the transaction's context lets. */
export async function readSenderVolumes(
  tx: Transaction,
  { domain, since }: { domain: OwnDomain; since: Date },
): Promise<readonly SenderVolume[]> {
  const { name, tenantId } = domain;
  const isOwn = sql`${deliveryDays.domain} = ${name}`;
  const names = [name, ...(await readNamesBelow(tx, domain))];
  const { rows } = await tx.execute(sql`select provider, starts_at as day,
      coalesce(sum(first_attempts) filter (where ${isOwn}), 0) as own,
      sum(first_attempts) as all,
      coalesce(sum(attempts) filter (where ${isOwn} and status = 'sent' and starts_at >= ${since.toISOString()}::timestamptz), 0) as delivered,
      coalesce(sum(over_tls) filter (where ${isOwn} and status = 'sent' and starts_at >= ${since.toISOString()}::timestamptz), 0) as over_tls
    from ${deliveryDays}
    where direction = 'outbound' and provider <> '' and tenant_id = ${tenantId}
      and ${deliveryDays.domain} = any(${sql.param(names)}::text[])
    group by provider, starts_at`);
  const days = z.array(row).parse(rows);
  return [...Map.groupBy(days, ({ provider }) => provider)].map(([provider, own]) => ({
    provider,
    peak: peakOf(own, (one) => one.own),
    peakWithSubdomains: peakOf(own, (one) => one.all),
    delivered: own.reduce((sum, one) => sum + one.delivered, 0),
    overTls: own.reduce((sum, one) => sum + one.over_tls, 0),
  }));
}

/**
 * The names below a domain that its customer has sent as. How a name ends is nothing that row level security lets an index
 * look for, so this goes from each of the customer's names to the next, which reads one row of each.
 */
async function readNamesBelow(tx: Transaction, { name, tenantId }: OwnDomain): Promise<readonly string[]> {
  const next = (after: SQL) => sql`(select ${deliveryDays.domain} from ${deliveryDays}
    where tenant_id = ${tenantId} and ${after} order by ${deliveryDays.domain} limit 1)`;
  const { rows } = await tx.execute<{ name: string }>(sql`with recursive names (name) as (
      ${next(sql`true`)}
      union all
      select ${next(sql`${deliveryDays.domain} > names.name`)} from names where names.name is not null)
    select name from names where right(name, ${name.length + 1}) = ${`.${name}`}`);
  return rows.map((row) => row.name);
}

type Day = z.infer<typeof row>;

function peakOf(days: readonly Day[], read: (day: Day) => number): SenderVolume["peak"] {
  const highest = days.reduce<Day | null>(
    (best, day) => (best === null || read(day) > read(best) ? day : best),
    null,
  );
  return highest === null || read(highest) === 0
    ? null
    : { messages: read(highest), day: highest.day.getTime() };
}
