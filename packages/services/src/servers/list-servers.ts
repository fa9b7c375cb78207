import { type ServerLevel, serverStatuses } from "@mailstead/core/servers";
import { servers } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import { readServerRows, type ServerRow } from "./server-rows.ts";

const listServersInput = z.object({
  search: z.string().max(200).optional(),
  state: z.enum(serverStatuses).optional(),
  tenantId: z.uuid().optional(),
  sort: z.enum(["name", "tenant", "state", "last-seen"]).default("name"),
  isDescending: z.boolean().default(false),
  /** Id of the last row of the page before. */
  cursor: z.uuid().optional(),
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
    .filter((row) => wanted.state === undefined || row.status === wanted.state)
    .filter((row) => words.every((word) => searchText(row).includes(word)))
    .sort((left, right) => compare[wanted.sort](left, right) || left.name.localeCompare(right.name));
  if (wanted.isDescending) matching.reverse();
  const start = wanted.cursor === undefined ? 0 : matching.findIndex((row) => row.id === wanted.cursor) + 1;
  const page = matching.slice(start, start + wanted.limit);
  return {
    servers: page,
    total: matching.length,
    nextCursor: start + page.length < matching.length ? (page.at(-1)?.id ?? null) : null,
  };
}

function searchText(row: ServerRow): string {
  return [row.name, row.hostname, row.tenantName, ...row.ipAddresses].join("\n").toLowerCase();
}

const urgency: Record<ServerLevel, number> = { trouble: 0, attention: 1, unknown: 2, good: 3 };

const compare = {
  name: (left: ServerRow, right: ServerRow) => left.name.localeCompare(right.name),
  tenant: (left: ServerRow, right: ServerRow) => left.tenantName.localeCompare(right.tenantName),
  state: (left: ServerRow, right: ServerRow) => urgency[left.level] - urgency[right.level],
  "last-seen": (left: ServerRow, right: ServerRow) =>
    (left.lastSeenAt?.getTime() ?? 0) - (right.lastSeenAt?.getTime() ?? 0),
};
