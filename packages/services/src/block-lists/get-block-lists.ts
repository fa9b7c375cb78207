import {
  type HostEntry,
  isWithoutSpamhaus,
  judgeEntries,
  knownList,
  listingAge,
  removalSteps,
} from "@mailstead/core/block-lists";
import { type BlockListWeight, readListing, rulesOf } from "@mailstead/core/checks";
import { blockListChanges, blockListEntries, blockListHosts, servers, type Transaction } from "@mailstead/db";
import { and, desc, eq, gte } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, ServiceError, withTransaction } from "../context/index.ts";
import { entryOf } from "./store-block-lists.ts";

const serverInput = z.object({ serverId: z.uuid() });

/** One address or name on one list, as its page shows it. */
export interface ShownEntry {
  readonly list: string;
  readonly title: string;
  readonly weight: BlockListWeight;
  readonly subject: string;
  readonly state: "clear" | "listed" | "unknown";
  readonly since: Date;
  readonly seenAt: Date | null;
  /** How much of it still holds, by when the list last confirmed it. */
  readonly age: ReturnType<typeof listingAge>;
  readonly codes: readonly string[];
  /** What the codes mean. */
  readonly meanings: readonly string[];
  readonly text: string | null;
  readonly problem: string | null;
  readonly removalUrl: string;
  /** What to do, in its order; empty for what is not listed. */
  readonly steps: readonly string[];
}

export interface ListChange {
  readonly id: string;
  readonly title: string;
  readonly subject: string;
  readonly change: "listed" | "clear";
  readonly codes: readonly string[];
  readonly at: Date;
}

export interface ServerBlockLists {
  /** When the host last asked; null before it ever has. */
  readonly roundAt: Date | null;
  /** Listed first, then what could not be asked, then the clean; the heaviest list first in each. */
  readonly entries: readonly ShownEntry[];
  /** Whether Spamhaus is left out, because nobody has said how it may be asked. */
  readonly isWithoutSpamhaus: boolean;
  readonly findings: ReturnType<typeof judgeEntries>;
  /** Newest first. */
  readonly changes: readonly ListChange[];
}

const changesShownMax = 50;

/** What block lists say of a server, by its own resolver. Throws `not-found`. */
export function getServerBlockLists(
  ctx: ServiceContext,
  input: z.input<typeof serverInput>,
): Promise<ServerBlockLists> {
  const { serverId } = parseInput(serverInput, input);
  const now = ctx.now().getTime();
  return withTransaction(ctx, async (tx) => {
    const [server] = await tx.select({ id: servers.id }).from(servers).where(eq(servers.id, serverId));
    if (server === undefined) throw new ServiceError("not-found", "There is no such server.");
    const { roundAt, entries } = await readHostEntries(tx, serverId);
    const changes = await tx
      .select()
      .from(blockListChanges)
      .where(eq(blockListChanges.serverId, serverId))
      .orderBy(desc(blockListChanges.changedAt), desc(blockListChanges.id))
      .limit(changesShownMax);
    return {
      roundAt,
      entries: entries.map((entry) => showEntry(entry, now)).sort(worstFirst),
      isWithoutSpamhaus: isWithoutSpamhaus(entries),
      findings: judgeEntries(entries, now),
      changes: changes.flatMap(({ id, list, subject, change, codes, changedAt }) => {
        const known = knownList(list);
        return known === null
          ? []
          : [{ id, title: rulesOf(known).title, subject, change, codes, at: changedAt }];
      }),
    };
  });
}

/** What a host has told of itself in its last whole round; what was asked about before that only is left out. */
export async function readHostEntries(
  tx: Transaction,
  serverId: string,
): Promise<{ roundAt: Date | null; entries: HostEntry[] }> {
  const [host] = await tx
    .select({ roundAt: blockListHosts.roundAt })
    .from(blockListHosts)
    .where(eq(blockListHosts.serverId, serverId));
  const roundAt = host?.roundAt ?? null;
  if (roundAt === null) return { roundAt, entries: [] };
  const rows = await tx
    .select()
    .from(blockListEntries)
    .where(and(eq(blockListEntries.serverId, serverId), gte(blockListEntries.askedAt, roundAt)));
  return {
    roundAt,
    entries: rows.flatMap((row) => {
      const list = knownList(row.list);
      return list === null ? [] : [{ ...entryOf(row), list, subject: row.subject }];
    }),
  };
}

function showEntry(entry: HostEntry, now: number): ShownEntry {
  const { list, subject, state, codes, text, problem } = entry;
  const { title, weight, removalUrl } = rulesOf(list);
  const listing = readListing(list, { kind: "found", values: codes });
  const isListed = state === "listed";
  return {
    list,
    title,
    weight,
    subject,
    state,
    since: new Date(entry.since),
    seenAt: entry.seenAt === null ? null : new Date(entry.seenAt),
    age: listingAge(entry, now),
    codes,
    meanings: isListed && listing.kind === "listed" ? listing.names : [],
    text,
    problem,
    removalUrl,
    steps: isListed ? removalSteps(list, { subject, codes }) : [],
  };
}

const ofWeight: Record<BlockListWeight, number> = { critical: 0, high: 1, medium: 2, info: 3 };

function worstFirst(a: ShownEntry, b: ShownEntry): number {
  const place = (entry: ShownEntry) =>
    entry.state === "listed" ? 0 : entry.state === "unknown" || entry.problem !== null ? 1 : 2;
  return (
    place(a) - place(b) ||
    ofWeight[a.weight] - ofWeight[b.weight] ||
    a.title.localeCompare(b.title) ||
    a.subject.localeCompare(b.subject)
  );
}
