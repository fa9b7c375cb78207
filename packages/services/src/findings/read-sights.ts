import type { ProviderId, ReplyCategory } from "@mailstead/core/delivery";
import { providers, replyCategories } from "@mailstead/core/delivery";
import { isToldOf, sightMs } from "@mailstead/core/findings";
import { deliveryMinutes, type Transaction } from "@mailstead/db";
import { sql } from "drizzle-orm";

/** Counts are looked at in portions of this length. */
const bucketMs = 5 * 60_000;

/** Attempts of five minutes that are alike. */
export interface SightRow {
  readonly serverId: string;
  readonly provider: ProviderId | null;
  readonly domain: string;
  readonly address: string;
  readonly category: ReplyCategory | null;
  readonly at: number;
  readonly attempts: number;
  readonly refused: number;
  readonly delivered: number;
}

/** What an open finding is about, whose receiver is looked at whether or not it still refuses. */
export interface OpenPair {
  readonly serverId: string | null;
  readonly domain: string | null;
  readonly provider: ProviderId | null;
}

const toldOf = (Object.keys(replyCategories) as ReplyCategory[]).filter(isToldOf);

/**
 * Outbound counts of the last hours of every server and receiver between whom something is wrong, and of those that an
 * open finding speaks of. Where all is well nothing is read, which is nearly everywhere.
 */
export async function readSights(
  tx: Transaction,
  { now, open }: { now: Date; open: readonly OpenPair[] },
): Promise<readonly SightRow[]> {
  const from = new Date(now.getTime() - sightMs);
  const pairs = (read: (pair: OpenPair) => string | null) =>
    open.flatMap((pair) => {
      const one = read(pair);
      return one === null ? [] : [`${one} ${pair.provider ?? ""}`];
    });
  const list = (values: readonly string[]) => sql`${sql.param([...values])}::text[]`;
  const { rows } = await tx.execute<{
    server_id: string;
    provider: string;
    domain: string;
    sending_address: string;
    category: string;
    bucket: string;
    attempts: string;
    refused: string;
    delivered: string;
  }>(sql`with troubled as materialized (
      select distinct server_id, provider from ${deliveryMinutes}
      where starts_at >= ${from}::timestamptz and direction = 'outbound' and category = any(${list(toldOf)}))
    select server_id, provider, domain, sending_address, category,
      floor(extract(epoch from starts_at) * 1000 / ${bucketMs}::bigint) * ${bucketMs}::bigint as bucket,
      sum(attempts) as attempts,
      coalesce(sum(attempts) filter (where status in ('bounced', 'expired', 'undeliverable')), 0) as refused,
      coalesce(sum(attempts) filter (where status = 'sent'), 0) as delivered
    from ${deliveryMinutes} counts
    where starts_at >= ${from}::timestamptz and direction = 'outbound'
      and (exists (select from troubled where troubled.server_id = counts.server_id and troubled.provider = counts.provider)
        or server_id::text || ' ' || provider = any(${list(pairs(({ serverId }) => serverId))})
        or domain || ' ' || provider = any(${list(pairs(({ domain }) => domain))}))
    group by 1, 2, 3, 4, 5, 6`);
  return rows.map((row) => ({
    serverId: row.server_id,
    provider: row.provider in providers ? (row.provider as ProviderId) : null,
    domain: row.domain,
    address: row.sending_address,
    category: row.category in replyCategories ? (row.category as ReplyCategory) : null,
    at: Number(row.bucket),
    attempts: Number(row.attempts),
    refused: Number(row.refused),
    delivered: Number(row.delivered),
  }));
}
