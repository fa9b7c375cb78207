import { type ServerLevel, serverStatuses } from "@mailstead/core/servers";
import { tagSchema, tagsPerServerMax } from "@mailstead/core/tags";
import { servers } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import { readServerRows, type ServerRow, statesOf } from "./server-rows.ts";

const listServersInput = z.object({
  search: z.string().max(200).optional(),
  state: z.enum(serverStatuses).optional(),
  tenantId: z.uuid().optional(),
  /** Those that bear all of these; none at all for those without any. */
  tags: z.array(tagSchema).max(tagsPerServerMax).optional(),
  sort: z.enum(["name", "tenant", "state", "queue", "last-seen"]).default("name"),
  isDescending: z.boolean().default(false),
  /** `nextCursor` of the page before, which is where that page ended in this very order. */
  cursor: z.string().max(1000).optional(),
  limit: z.int().min(1).max(500).default(100),
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
  const wanted = parseInput(listServersInput, input);
  const rows = await withTransaction(ctx, (tx) =>
    readServerRows(tx, wanted.tenantId === undefined ? undefined : eq(servers.tenantId, wanted.tenantId)),
  );
  const words = (wanted.search ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const matching = rows
    .filter((row) => wanted.state === undefined || statesOf(row).includes(wanted.state))
    .filter((row) => wanted.tags === undefined || bears(row, wanted.tags))
    .filter((row) => words.every((word) => searchText(row).includes(word)))
    .map((row) => ({ row, position: positionOf(row, wanted.sort) }))
    .sort((left, right) => comparePositions(left.position, right.position));
  if (wanted.isDescending) matching.reverse();
  const start = wanted.cursor === undefined ? 0 : startAfter(wanted, matching);
  const page = matching.slice(start, start + wanted.limit);
  const last = page.at(-1);
  return {
    servers: page.map(({ row }) => row),
    total: matching.length,
    nextCursor:
      last !== undefined && start + page.length < matching.length ? JSON.stringify(last.position) : null,
  };
}

function bears({ tags }: ServerRow, wanted: readonly string[]): boolean {
  return wanted.length === 0 ? tags.length === 0 : wanted.every((tag) => tags.includes(tag));
}

function searchText(row: ServerRow): string {
  return [row.name, row.hostname, row.tenantName, ...row.ipAddresses, ...row.tags].join("\n").toLowerCase();
}

const urgency: Record<ServerLevel, number> = { trouble: 0, attention: 1, unknown: 2, good: 3 };

const sortKeys = {
  name: () => "",
  tenant: (row: ServerRow) => row.tenantName,
  state: (row: ServerRow) => urgency[row.level],
  // A host that told no size yet is no host with an empty queue, and stands below it.
  queue: (row: ServerRow) => row.queueSizeMessages ?? -1,
  "last-seen": (row: ServerRow) => row.lastSeenAt?.getTime() ?? 0,
} as const;

const positionSchema = z.tuple([z.union([z.string(), z.number()]), z.string(), z.uuid()]);
type Position = z.infer<typeof positionSchema>;

/** Where a row stands in an order: no two rows share a place, and a place outlives its row. */
function positionOf(row: ServerRow, sort: keyof typeof sortKeys): Position {
  return [sortKeys[sort](row), row.name, row.id];
}

function comparePositions(left: Position, right: Position): number {
  for (const [index, mine] of left.entries()) {
    const other = right[index] ?? mine;
    const order =
      typeof mine === "number" && typeof other === "number"
        ? mine - other
        : String(mine).localeCompare(String(other));
    if (order !== 0) return order;
  }
  return 0;
}

function startAfter(
  { cursor = "", isDescending }: { cursor?: string | undefined; isDescending: boolean },
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
