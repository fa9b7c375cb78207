import { knownList, listingAge } from "@mailstead/core/block-lists";
import { type BlockListWeight, rulesOf, spamhausLists } from "@mailstead/core/checks";
import { blockListEntries, blockListHosts, servers, tenants } from "@mailstead/db";
import { and, eq, gte, sql } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";

const input = z.object({ tenantId: z.uuid().optional() });

/** One address or name of a server that a list names. */
export interface Listing {
  readonly serverId: string;
  readonly serverName: string;
  readonly tenantName: string;
  readonly list: string;
  readonly title: string;
  readonly weight: BlockListWeight;
  readonly subject: string;
  readonly since: Date;
  /** When the list last confirmed it; null before it ever has. */
  readonly seenAt: Date | null;
  readonly age: ReturnType<typeof listingAge>;
  readonly text: string | null;
  readonly removalUrl: string;
}

/** One list, and what all servers heard of it in their last round. */
export interface ListStanding {
  readonly list: string;
  readonly title: string;
  readonly weight: BlockListWeight;
  readonly listed: number;
  readonly clear: number;
  /** Asked without an answer that can be believed. */
  readonly unknown: number;
}

export interface FleetBlockLists {
  /** The heaviest list first, then the newest listing. */
  readonly listings: readonly Listing[];
  readonly lists: readonly ListStanding[];
  readonly servers: number;
  /** Servers that have told of no round yet. */
  readonly untold: number;
  /** Of the others, those that leave Spamhaus out, because nobody has said how it may be asked. */
  readonly withoutSpamhaus: number;
}

const ofWeight: Record<BlockListWeight, number> = { critical: 0, high: 1, medium: 2, info: 3 };

/** What block lists say of all servers, each by its own resolver. */
export function getFleetBlockLists(
  ctx: ServiceContext,
  asked: z.input<typeof input> = {},
): Promise<FleetBlockLists> {
  const { tenantId } = parseInput(input, asked);
  const now = ctx.now().getTime();
  return withTransaction(ctx, async (tx) => {
    const isInRound = and(
      eq(blockListHosts.serverId, blockListEntries.serverId),
      gte(blockListEntries.askedAt, blockListHosts.roundAt),
    );
    const ofTenant = tenantId === undefined ? undefined : eq(blockListEntries.tenantId, tenantId);
    const counts = await tx
      .select({
        list: blockListEntries.list,
        listed: sql<number>`count(*) filter (where ${blockListEntries.state} = 'listed')::integer`,
        clear: sql<number>`count(*) filter (where ${blockListEntries.state} = 'clear' and ${blockListEntries.problem} is null)::integer`,
        all: sql<number>`count(*)::integer`,
      })
      .from(blockListEntries)
      .innerJoin(blockListHosts, isInRound)
      .where(ofTenant)
      .groupBy(blockListEntries.list);
    const listed = await tx
      .select({
        serverId: servers.id,
        serverName: servers.name,
        tenantName: tenants.name,
        list: blockListEntries.list,
        subject: blockListEntries.subject,
        since: blockListEntries.since,
        seenAt: blockListEntries.seenAt,
        text: blockListEntries.text,
      })
      .from(blockListEntries)
      .innerJoin(blockListHosts, isInRound)
      .innerJoin(servers, eq(servers.id, blockListEntries.serverId))
      .innerJoin(tenants, eq(tenants.id, servers.tenantId))
      .where(and(eq(blockListEntries.state, "listed"), ofTenant));
    const [told] = await tx
      .select({
        servers: sql<number>`count(*)::integer`,
        told: sql<number>`count(${blockListHosts.roundAt})::integer`,
        withoutSpamhaus: sql<number>`count(*) filter (where ${blockListHosts.roundAt} is not null and not exists (
          select 1 from block_list_entries e where e.server_id = ${servers.id} and e.asked_at >= ${blockListHosts.roundAt}
            and e.list = any(${sql.param([...spamhausLists])}::text[])))::integer`,
      })
      .from(servers)
      .leftJoin(blockListHosts, eq(blockListHosts.serverId, servers.id))
      .where(tenantId === undefined ? undefined : eq(servers.tenantId, tenantId));
    return {
      listings: listed
        .flatMap((row) => {
          const known = knownList(row.list);
          if (known === null) return [];
          const { title, weight, removalUrl } = rulesOf(known);
          return [{ ...row, title, weight, removalUrl, age: ageOf(row, now) }];
        })
        .sort((a, b) => ofWeight[a.weight] - ofWeight[b.weight] || b.since.getTime() - a.since.getTime()),
      lists: counts
        .flatMap(({ list, listed: hits, clear, all }) => {
          const known = knownList(list);
          if (known === null) return [];
          const { title, weight } = rulesOf(known);
          return [{ list, title, weight, listed: hits, clear, unknown: all - hits - clear }];
        })
        .sort((a, b) => ofWeight[a.weight] - ofWeight[b.weight] || a.title.localeCompare(b.title)),
      servers: told?.servers ?? 0,
      untold: (told?.servers ?? 0) - (told?.told ?? 0),
      withoutSpamhaus: told?.withoutSpamhaus ?? 0,
    };
  });
}

function ageOf({ since, seenAt }: { since: Date; seenAt: Date | null }, now: number) {
  return listingAge({ since: since.getTime(), seenAt: seenAt?.getTime() ?? null }, now);
}
