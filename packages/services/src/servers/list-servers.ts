import { type ServerLevel, serverStatuses } from "@mailstead/core/servers";
import { tagSchema, tagsPerServerMax } from "@mailstead/core/tags";
import { servers, type Transaction, tenants } from "@mailstead/db";
import { and, eq, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import { tagsOf } from "../tags/index.ts";
import { readServerRows, type ServerRow, statesOf } from "./server-rows.ts";

/** The first page is there to be seen at once; those that follow are asked about anew at each change of a long list. */
const firstPage = 100;
const pageMax = 500;

const filtersInput = z.object({
  search: z.string().max(200).optional(),
  state: z.enum(serverStatuses).optional(),
  tenantId: z.uuid().optional(),
  /** Of these only. */
  serverIds: z.array(z.uuid()).max(20_000).optional(),
  /** Those that bear all of these; none at all for those without any. */
  tags: z.array(tagSchema).max(tagsPerServerMax).optional(),
  sort: z.enum(["name", "tenant", "state", "queue", "last-seen"]).default("name"),
  isDescending: z.boolean().default(false),
});
type ServerFilters = z.output<typeof filtersInput>;

const listServersInput = filtersInput.extend({
  /** `nextCursor` of the page before, which is where that page ended in this very order. */
  cursor: z.string().max(1000).optional(),
  limit: z.int().min(1).max(pageMax).optional(),
});

export interface ServerPage {
  servers: ServerRow[];
  /** How many match, over all pages. */
  total: number;
  nextCursor: string | null;
}

/** The servers that match, sorted and paged. Sorting by state puts what hurts mail first. */
export async function listServers(
  ctx: ServiceContext,
  input: z.input<typeof listServersInput> = {},
): Promise<ServerPage> {
  const {
    cursor,
    limit = cursor === undefined ? firstPage : pageMax,
    ...filters
  } = parseInput(listServersInput, input);
  return withTransaction(ctx, async (tx) => {
    const matching = await findMatching(tx, filters);
    const start =
      cursor === undefined ? 0 : startAfter({ cursor, isDescending: filters.isDescending }, matching);
    const page = matching.slice(start, start + limit);
    const last = page.at(-1);
    return {
      servers: await readPage(
        tx,
        page.map(({ row }) => row),
      ),
      total: matching.length,
      nextCursor:
        last !== undefined && start + page.length < matching.length ? JSON.stringify(last.position) : null,
    };
  });
}

/** Which servers match, all of them and in the order of the list, for what is done with all at once. */
export async function findServerIds(
  ctx: ServiceContext,
  input: z.input<typeof filtersInput> = {},
): Promise<{ servers: { id: string; name: string }[] }> {
  const filters = parseInput(filtersInput, input);
  return withTransaction(ctx, async (tx) => {
    const matching = await findMatching(tx, filters);
    return { servers: matching.map(({ row: { id, name } }) => ({ id, name })) };
  });
}

/** What a server is found and sorted by; `row` is there where it had to be judged for that. */
interface Sought {
  readonly id: string;
  readonly name: string;
  readonly hostname: string;
  readonly tenantName: string;
  readonly ipAddresses: readonly string[] | null;
  readonly tags: readonly string[];
  readonly queueSizeMessages: number | null;
  readonly lastSeenAt: Date | null;
  readonly judged?: ServerRow;
}

async function findMatching(
  tx: Transaction,
  filters: ServerFilters,
): Promise<{ row: Sought; position: Position }[]> {
  const { search = "", state, tenantId, serverIds, tags, sort, isDescending } = filters;
  const where = and(
    tenantId === undefined ? undefined : eq(servers.tenantId, tenantId),
    serverIds === undefined ? undefined : isAnyOf(serverIds),
  );
  // Judging asks for the jobs of each server, so it is done for all only where the order or the filter needs it.
  const isJudged = state !== undefined || sort === "state";
  const rows: Sought[] = isJudged
    ? (await readServerRows(tx, where)).map((judged) => ({ ...judged, judged }))
    : await readSought(tx, where);
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const matching = rows
    .filter(({ judged }) => state === undefined || (judged !== undefined && statesOf(judged).includes(state)))
    .filter((row) => tags === undefined || bears(row, tags))
    .filter((row) => words.length === 0 || isFound(row, words))
    .map((row) => ({ row, position: positionOf(row, sort) }))
    .sort((left, right) => comparePositions(left.position, right.position));
  if (isDescending) matching.reverse();
  return matching;
}

function readSought(tx: Transaction, where: SQL | undefined): Promise<Sought[]> {
  return tx
    .select({
      id: servers.id,
      name: servers.name,
      hostname: servers.hostname,
      tenantName: tenants.name,
      ipAddresses: sql<string[] | null>`${servers.facts} -> 'ipAddresses'`,
      tags: tagsOf,
      queueSizeMessages: sql<number | null>`(${servers.facts} ->> 'queueSizeMessages')::integer`,
      lastSeenAt: servers.lastSeenAt,
    })
    .from(servers)
    .innerJoin(tenants, eq(tenants.id, servers.tenantId))
    .where(where);
}

/** The rows of a page in full; one that was removed since it was found is left out. */
async function readPage(tx: Transaction, page: readonly Sought[]): Promise<ServerRow[]> {
  const unread = page.filter(({ judged }) => judged === undefined).map(({ id }) => id);
  const read = unread.length === 0 ? [] : await readServerRows(tx, isAnyOf(unread));
  const byId = new Map(read.map((row) => [row.id, row]));
  return page.flatMap(({ id, judged }) => judged ?? byId.get(id) ?? []);
}

/** One parameter however many they are. */
function isAnyOf(serverIds: readonly string[]): SQL {
  return sql`${servers.id} = any(${sql.param([...serverIds])}::uuid[])`;
}

function bears({ tags }: Sought, wanted: readonly string[]): boolean {
  return wanted.length === 0 ? tags.length === 0 : wanted.every((tag) => tags.includes(tag));
}

function isFound(
  { name, hostname, tenantName, ipAddresses, tags }: Sought,
  words: readonly string[],
): boolean {
  const text = [name, hostname, tenantName, ...(ipAddresses ?? []), ...tags].join("\n").toLowerCase();
  return words.every((word) => text.includes(word));
}

const urgency: Record<ServerLevel, number> = { trouble: 0, attention: 1, unknown: 2, good: 3 };

const sortKeys = {
  name: () => "",
  tenant: (row: Sought) => row.tenantName,
  state: ({ judged }: Sought) => urgency[judged?.level ?? "unknown"],
  // A host that told no size yet is no host with an empty queue, and stands below it.
  queue: (row: Sought) => row.queueSizeMessages ?? -1,
  "last-seen": (row: Sought) => row.lastSeenAt?.getTime() ?? 0,
} as const;

const positionSchema = z.tuple([z.union([z.string(), z.number()]), z.string(), z.uuid()]);
type Position = z.infer<typeof positionSchema>;

/** Where a row stands in an order: no two rows share a place, and a place outlives its row. */
function positionOf(row: Sought, sort: keyof typeof sortKeys): Position {
  return [sortKeys[sort](row), row.name, row.id];
}

// The same order as `localeCompare`, which makes such a thing for each of the comparisons of a long list.
const collator = new Intl.Collator();

function comparePositions(left: Position, right: Position): number {
  for (const [index, mine] of left.entries()) {
    const other = right[index] ?? mine;
    if (mine === other) continue;
    const order =
      typeof mine === "number" && typeof other === "number"
        ? mine - other
        : collator.compare(String(mine), String(other));
    if (order !== 0) return order;
  }
  return 0;
}

function startAfter(
  { cursor, isDescending }: { cursor: string; isDescending: boolean },
  matching: readonly { position: Position }[],
): number {
  const ended = parseInput(positionSchema, parseJson(cursor));
  const isAfter = isDescending ? -1 : 1;
  const start = matching.findIndex(({ position }) => comparePositions(position, ended) * isAfter > 0);
  return start === -1 ? matching.length : start;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
