import {
  addressContested,
  type FeedKind,
  type FeedStanding,
  feedStanding,
  feeds,
  sndsExpiry,
} from "@mailstead/core/feeds";
import {
  domains,
  type FeedDomainState,
  type FeedState,
  feedConnections,
  feedDays,
  feedDomains,
  type Transaction,
} from "@mailstead/db";
import { asc, eq, type SQL, sql } from "drizzle-orm";
import { type ServiceContext, withTransaction } from "../context/index.ts";
import { readContestedAddresses } from "./feed-scope.ts";

/** A domain that a provider wants proven. */
export interface FeedDomainRow {
  readonly domainId: string;
  readonly name: string;
  readonly state: FeedDomainState;
  readonly toPaste: string | null;
  readonly problem: string | null;
}

export interface FeedRow {
  readonly id: string;
  readonly kind: FeedKind;
  readonly title: string;
  readonly label: string;
  readonly account: string;
  readonly tenantId: string | null;
  readonly state: FeedState;
  readonly problem: string | null;
  /** What it leaves out, and what to do. */
  readonly notes: readonly string[];
  readonly lookedAt: Date | null;
  readonly nextLookAt: Date | null;
  readonly newestDay: string | null;
  readonly standing: FeedStanding;
  /** How many domains or addresses it told of. */
  readonly subjects: number;
  readonly domains: readonly FeedDomainRow[];
  readonly linkEndsAt: Date | null;
  readonly accessEndsAt: Date | null;
}

/** The feeds that the context sees, without their credentials. */
export async function listFeeds(ctx: ServiceContext, _input: Record<string, never> = {}): Promise<FeedRow[]> {
  const { rows, told, proofs, contested } = await withTransaction(ctx, async (tx) => ({
    rows: await tx
      .select({
        id: feedConnections.id,
        kind: feedConnections.kind,
        label: feedConnections.label,
        account: feedConnections.account,
        tenantId: feedConnections.tenantId,
        state: feedConnections.state,
        problem: feedConnections.problem,
        lookedAt: feedConnections.lookedAt,
        nextLookAt: feedConnections.nextLookAt,
        linkedAt: feedConnections.linkedAt,
        confirmedAt: feedConnections.confirmedAt,
        createdAt: feedConnections.createdAt,
      })
      .from(feedConnections)
      .orderBy(asc(feedConnections.createdAt), asc(feedConnections.id)),
    told: await readTold(tx),
    proofs: await tx
      .select({
        connectionId: feedDomains.connectionId,
        domainId: feedDomains.domainId,
        name: domains.name,
        state: feedDomains.state,
        toPaste: feedDomains.toPaste,
        problem: feedDomains.problem,
      })
      .from(feedDomains)
      .innerJoin(domains, eq(domains.id, feedDomains.domainId))
      .orderBy(asc(domains.name)),
    contested: await readContestedAddresses(tx),
  }));
  return rows.map(({ linkedAt, confirmedAt, createdAt, ...row }) => {
    const { newestDay = null, subjects = 0 } = told.get(row.id) ?? {};
    const expiry = linkedAt === null || confirmedAt === null ? null : sndsExpiry({ linkedAt, confirmedAt });
    return {
      ...row,
      title: feeds[row.kind].title,
      newestDay,
      notes: contested
        .filter(
          ({ tenantIds }) => row.kind === "snds" && (row.tenantId === null || tenantIds.has(row.tenantId)),
        )
        .map(({ address }) => addressContested(address).sentence),
      standing: feedStanding({ kind: row.kind, newestDay, since: createdAt }, ctx.now()),
      subjects,
      domains: proofs
        .filter(({ connectionId }) => connectionId === row.id)
        .map(({ connectionId: _, ...proof }) => proof),
      linkEndsAt: expiry?.linkEndsAt ?? null,
      accessEndsAt: expiry?.accessEndsAt ?? null,
    };
  });
}

interface Told {
  readonly newestDay: string | null;
  readonly subjects: number;
}

/**
 * How many domains or addresses each feed told of, and its newest day. Days are kept for years, so this goes from one
 * subject to the next, which reads one row of each.
 */
async function readTold(tx: Transaction): Promise<ReadonlyMap<string, Told>> {
  const next = (after: SQL) => sql`(select ${feedDays.subject} from ${feedDays}
    where connection_id = feeds.id and ${after} order by ${feedDays.subject} limit 1)`;
  const { rows } = await tx.execute<Told & { connectionId: string; [column: string]: unknown }>(sql`
    select feeds.id as "connectionId", counted.subjects,
      (select to_char(day, 'YYYY-MM-DD') from ${feedDays} where connection_id = feeds.id order by day desc limit 1) as "newestDay"
    from ${feedConnections} feeds
    cross join lateral (
      with recursive told (subject) as (
        select ${next(sql`true`)}
        union all
        select ${next(sql`${feedDays.subject} > told.subject`)} from told where told.subject is not null)
      select count(subject)::integer as subjects from told) counted`);
  return new Map(
    rows.map(({ connectionId, newestDay, subjects }) => [connectionId, { newestDay, subjects }]),
  );
}
