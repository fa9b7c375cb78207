import { type ChangeUrgency, changeUrgencies, cveSchema } from "@mailstead/core/updates";
import { openSources, serverUpdates, type Transaction } from "@mailstead/db";
import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import { withoutRebuild } from "./judge-sources.ts";
import { readCursor } from "./read-cursor.ts";

const waitingInput = z.object({
  /** A part of the name of a source, or a CVE identifier. */
  search: z.string().max(200).optional(),
  tenantId: z.uuid().optional(),
  onlySecurity: z.boolean().default(false),
  /** `nextCursor` of the page before. */
  cursor: z.string().max(1000).optional(),
  limit: z.int().min(1).max(200).default(50),
});

/** One source package in one version that servers wait for. */
export interface WaitingUpdateRow {
  readonly id: string;
  readonly sourceName: string;
  readonly to: string;
  readonly servers: number;
  /** True where some archive for security has it. */
  readonly isSecurity: boolean;
  /** The highest that any server read; null where none could read a changelog. */
  readonly urgency: ChangeUrgency | null;
  /** By changelogs, of the server that has most to mend. */
  readonly cves: readonly string[];
  /** By Debian's list: what servers that wait for it are open to, and this version is not. */
  readonly listedCves: readonly string[];
  /** Names of the packages that are built from it and wait, as the first servers tell them. */
  readonly packages: readonly string[];
}

export interface WaitingUpdatesPage {
  readonly updates: readonly WaitingUpdateRow[];
  /** How many match, over all pages. */
  readonly total: number;
  readonly nextCursor: string | null;
}

/** What waits over the fleet: first what is for security, then the more urgent, then what more servers wait for. */
export async function listWaitingUpdates(
  ctx: ServiceContext,
  input: z.input<typeof waitingInput> = {},
): Promise<WaitingUpdatesPage> {
  const { cursor, limit, ...asked } = parseInput(waitingInput, input);
  const ended = readCursor(positionSchema, cursor);
  return withTransaction(ctx, async (tx) => {
    const groups = (await readGroups(tx, asked)).sort((left, right) =>
      comparePositions(positionOf(left), positionOf(right)),
    );
    const rest =
      ended === null ? groups : groups.filter((group) => comparePositions(positionOf(group), ended) > 0);
    const page = rest.slice(0, limit);
    const last = page.at(-1);
    const details = await readDetails(tx, page);
    return {
      updates: page.map((group) => ({
        id: nameOf(group),
        ...group,
        ...(details.get(nameOf(group)) ?? { cves: [], listedCves: [], packages: [] }),
      })),
      total: groups.length,
      nextCursor: last !== undefined && rest.length > page.length ? JSON.stringify(positionOf(last)) : null,
    };
  });
}

type Group = Omit<WaitingUpdateRow, "id" | "cves" | "listedCves" | "packages">;

const groupSchema = z.object({
  sourceName: z.string(),
  to: z.string(),
  servers: z.int(),
  isSecurity: z.boolean(),
  urgency: z.enum(changeUrgencies).nullable(),
});

/** Reads one index from one end to the other: a fleet of ten thousand waits for a few hundred sources. */
async function readGroups(
  tx: Transaction,
  {
    search,
    tenantId,
    onlySecurity,
  }: Pick<z.output<typeof waitingInput>, "search" | "tenantId" | "onlySecurity">,
): Promise<Group[]> {
  const ranks = sql.param([...changeUrgencies]);
  const { rows } = await tx.execute(sql`
    select ${serverUpdates.sourceName} as "sourceName", ${serverUpdates.toVersion} as "to",
      count(*)::integer as servers, bool_or(${serverUpdates.isSecurity}) as "isSecurity",
      (${ranks}::text[])[max(array_position(${ranks}::text[], ${serverUpdates.urgency}))] as urgency
    from ${serverUpdates}
    where ${and(
      eq(serverUpdates.isLead, true),
      tenantId === undefined ? undefined : eq(serverUpdates.tenantId, tenantId),
      onlySecurity ? eq(serverUpdates.isSecurity, true) : undefined,
      soughtBy(search?.trim() ?? ""),
    )}
    group by ${serverUpdates.sourceName}, ${serverUpdates.toVersion}`);
  return z.array(groupSchema).parse(rows);
}

function soughtBy(search: string) {
  if (search === "") return undefined;
  const cve = cveSchema.safeParse(search.toUpperCase());
  return cve.success
    ? sql`(${serverUpdates.cves} @> ${sql.param([cve.data])}::text[] or ${mendsByList(cve.data)})`
    : sql`strpos(${serverUpdates.sourceName}, ${search.toLowerCase()}) > 0`;
}

/** Some version of the source is open to it by Debian's list, and the one that waits is not. */
function mendsByList(cve: string) {
  const version = withoutRebuild(sql`${serverUpdates.toVersion}`);
  return sql`(${serverUpdates.sourceName} = any(array(select source_name from sources_open_to(${cve})))
    and not (${serverUpdates.sourceName} || ' ' || ${version}
      = any(array(select source_name || ' ' || source_version from sources_open_to(${cve})))))`;
}

/** Servers of which the names of packages are taken; others have the same ones, with rare exceptions. */
const namedServersRows = 100;

const detailSchema = z.object({
  sourceName: z.string(),
  to: z.string(),
  cves: z.array(z.string()),
  listedCves: z.array(z.string()),
  packages: z.array(z.string()),
});

async function readDetails(
  tx: Transaction,
  groups: readonly Group[],
): Promise<ReadonlyMap<string, Pick<WaitingUpdateRow, "cves" | "listedCves" | "packages">>> {
  if (groups.length === 0) return new Map();
  const asked = JSON.stringify(
    groups.map(({ sourceName, to }) => ({ source_name: sourceName, to_version: to })),
  );
  const source = (
    version: ReturnType<typeof sql>,
  ) => sql`coalesce(jsonb_agg(jsonb_build_object('suite', suite,
    'source_name', asked.source_name, 'source_version', ${version})), '[]')`;
  const ofUpdate = sql`from opened where source_name = asked.source_name and to_version = asked.to_version`;
  const openBefore = sql`select ${source(sql`source_version`)} ${ofUpdate}`;
  const after = sql`select ${source(withoutRebuild(sql`asked.to_version`))} ${ofUpdate}`;
  // Each customer has rows of its own of the same versions, which are read through once for all updates of the page.
  const { rows } = await tx.execute(sql`
    with asked as materialized (
      select * from jsonb_to_recordset(${asked}::jsonb) as told (source_name text, to_version text)
    ), opened as materialized (
      select distinct suite, source_name, source_version, to_version from ${openSources}
      where (source_name, to_version) in (select source_name, to_version from asked)
    )
    select asked.source_name as "sourceName", asked.to_version as "to", most.cves,
      array(select distinct name from (
        select name from ${serverUpdates} as named
        where named.source_name = asked.source_name and named.to_version = asked.to_version
        order by named.server_id, named.name limit ${namedServersRows}) as first_rows order by name) as packages,
      array(select distinct issue.cve from issues_of_sources((${openBefore})) as issue
        where not exists (select from issues_of_sources((${after})) as left_open
          where left_open.suite = issue.suite and left_open.cve = issue.cve) order by 1) as "listedCves"
    from asked cross join lateral (
      select cves from ${serverUpdates} as lead
      where lead.source_name = asked.source_name and lead.to_version = asked.to_version and lead.is_lead
      order by cardinality(lead.cves) desc, lead.server_id limit 1) as most`);
  return new Map(
    z
      .array(detailSchema)
      .parse(rows)
      .map(({ cves, listedCves, packages, ...group }) => [nameOf(group), { cves, listedCves, packages }]),
  );
}

const nameOf = ({ sourceName, to }: Pick<Group, "sourceName" | "to">) => `${sourceName} ${to}`;

const positionSchema = z.tuple([z.number(), z.number(), z.number(), z.string(), z.string()]);
type Position = z.infer<typeof positionSchema>;

/** Where an update stands in the order: no two share a place. */
function positionOf({ isSecurity, urgency, servers, sourceName, to }: Group): Position {
  return [
    isSecurity ? 0 : 1,
    urgency === null ? 0 : -1 - changeUrgencies.indexOf(urgency),
    -servers,
    sourceName,
    to,
  ];
}

function comparePositions(left: Position, right: Position): number {
  for (const [place, mine] of left.entries()) {
    const other = right[place] ?? mine;
    if (mine !== other) return mine < other ? -1 : 1;
  }
  return 0;
}
