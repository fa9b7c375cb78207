import { compareVersions, isVersionMeant, parsePackageSearch } from "@mailstead/core/updates";
import {
  serverInventories,
  serverPackages,
  servers,
  serverUpdates,
  type Transaction,
  tenants,
} from "@mailstead/db";
import { type Column, sql } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import { readCursor } from "./read-cursor.ts";

const searchInput = z.object({
  /** A package and after it a version or a bound, as `parsePackageSearch` reads it. */
  search: z.string().max(300),
  tenantId: z.uuid().optional(),
  /** `nextCursor` of the page before. */
  cursor: z.string().max(1000).optional(),
  limit: z.int().min(1).max(500).default(50),
});

/** One version of a package in the fleet. */
export interface FoundVersion {
  readonly version: string;
  readonly servers: number;
  /** What those servers would get, and how many of them; some may get nothing. */
  readonly waiting: readonly { readonly to: string; readonly servers: number }[];
  /** Whether the search means it. */
  readonly isMeant: boolean;
}

/** A package of a server; of one that has it for two architectures there are two. */
export interface FoundServer {
  readonly id: string;
  readonly serverId: string;
  readonly serverName: string;
  readonly tenantName: string;
  readonly architecture: string;
  readonly version: string;
  /** The version that waits; null where none does. */
  readonly to: string | null;
}

export interface PackageAnswer {
  /** What of the search cannot be understood, in a sentence; null where all can. */
  readonly problem: string | null;
  readonly name: string;
  /** All versions of it in the fleet, the newest first. */
  readonly versions: readonly FoundVersion[];
  readonly servers: readonly FoundServer[];
  /** How many servers run what is meant. */
  readonly total: number;
  readonly nextCursor: string | null;
  /** Where nobody has the package: some whose names begin so. */
  readonly similar: readonly string[];
}

/** Which servers run a package, or which agent, in which version, and what waits for them: one search over the whole fleet. */
export async function searchPackages(
  ctx: ServiceContext,
  input: z.input<typeof searchInput>,
): Promise<PackageAnswer> {
  const { search, tenantId, cursor, limit } = parseInput(searchInput, input);
  const ended = readCursor(positionSchema, cursor);
  const asked = parsePackageSearch(search);
  if (asked.kind === "unclear")
    return {
      problem: asked.sentence,
      name: "",
      versions: [],
      servers: [],
      total: 0,
      nextCursor: null,
      similar: [],
    };
  const { name, constraint } = asked;
  return withTransaction(ctx, async (tx) => {
    const versions = foldVersions(await readVersions(tx, { name, tenantId })).map((found) => ({
      ...found,
      isMeant: isVersionMeant(constraint, found.version),
    }));
    const meant = versions.filter(({ isMeant }) => isMeant).map(({ version }) => version);
    const total = meant.length === 0 ? 0 : await countServers(tx, { name, tenantId, versions: meant });
    const found =
      meant.length === 0
        ? []
        : await readServers(tx, { name, tenantId, versions: meant, ended, limit: limit + 1 });
    const page = found.slice(0, limit).map((row) => ({ id: `${row.serverId} ${row.architecture}`, ...row }));
    const last = page.at(-1);
    return {
      problem: null,
      name,
      versions,
      servers: page,
      total,
      nextCursor:
        last !== undefined && found.length > limit
          ? JSON.stringify([last.serverName, last.serverId, last.architecture] satisfies Position)
          : null,
      similar: versions.length === 0 ? await readSimilar(tx, name) : [],
    };
  });
}

interface Asked {
  readonly name: string;
  readonly tenantId: string | undefined;
}

/** What the agent is called in a search: it is no package of Debian's, and each host tells its version all the same. */
const agentName = "mailstead-agent";

/** Which server has it in which version, as a table `installed`. */
function installed({ name, tenantId }: Asked) {
  const isOf = (column: Column) => (tenantId === undefined ? sql`true` : sql`${column} = ${tenantId}`);
  return name === agentName
    ? sql`(select server_id, tenant_id, 'all' as architecture, agent_version as version
        from ${serverInventories} where ${isOf(serverInventories.tenantId)}) as installed`
    : sql`(select server_id, tenant_id, architecture, version
        from ${serverPackages} where ${serverPackages.name} = ${name} and ${isOf(serverPackages.tenantId)}) as installed`;
}

const updateOf = (
  name: string,
) => sql`left join ${serverUpdates} as waiting on waiting.server_id = installed.server_id
  and waiting.name = ${name} and waiting.architecture = installed.architecture`;

const countedSchema = z.object({ version: z.string(), to: z.string().nullable(), servers: z.int() });
type Counted = z.infer<typeof countedSchema>;

async function readVersions(tx: Transaction, asked: Asked): Promise<readonly Counted[]> {
  const { rows } = await tx.execute(sql`
    select installed.version, waiting.to_version as "to", count(distinct installed.server_id)::integer as servers
    from ${installed(asked)} ${updateOf(asked.name)}
    group by 1, 2`);
  return z.array(countedSchema).parse(rows);
}

function foldVersions(counted: readonly Counted[]): Omit<FoundVersion, "isMeant">[] {
  return [...Map.groupBy(counted, ({ version }) => version)]
    .map(([version, ofVersion]) => ({
      version,
      servers: ofVersion.reduce((sum, { servers: some }) => sum + some, 0),
      waiting: ofVersion
        .flatMap(({ to, servers: some }) => (to === null ? [] : [{ to, servers: some }]))
        .sort((left, right) => compareVersions(right.to, left.to)),
    }))
    .sort((left, right) => compareVersions(right.version, left.version));
}

async function countServers(
  tx: Transaction,
  { versions, ...asked }: Asked & { versions: readonly string[] },
): Promise<number> {
  const { rows } = await tx.execute(sql`
    select count(distinct server_id)::integer as count from ${installed(asked)}
    where version = any(${sql.param([...versions])}::text[])`);
  return z.object({ count: z.int() }).parse(rows[0]).count;
}

const positionSchema = z.tuple([z.string(), z.uuid(), z.string()]);
type Position = z.infer<typeof positionSchema>;

const foundSchema = z.object({
  serverId: z.string(),
  serverName: z.string(),
  tenantName: z.string(),
  architecture: z.string(),
  version: z.string(),
  to: z.string().nullable(),
});

async function readServers(
  tx: Transaction,
  {
    versions,
    ended,
    limit,
    ...asked
  }: Asked & { versions: readonly string[]; ended: Position | null; limit: number },
): Promise<readonly Omit<FoundServer, "id">[]> {
  const place = sql`${servers.name}, ${servers.id}, installed.architecture`;
  const { rows } = await tx.execute(sql`
    select ${servers.id} as "serverId", ${servers.name} as "serverName", ${tenants.name} as "tenantName",
      installed.architecture, installed.version, waiting.to_version as "to"
    from ${installed(asked)}
    join ${servers} on ${servers.id} = installed.server_id
    join ${tenants} on ${tenants.id} = installed.tenant_id
    ${updateOf(asked.name)}
    where installed.version = any(${sql.param([...versions])}::text[])
      and ${ended === null ? sql`true` : sql`(${place}) > (${ended[0]}, ${ended[1]}::uuid, ${ended[2]})`}
    order by ${place} limit ${limit}`);
  return z.array(foundSchema).parse(rows);
}

const similarMax = 10;

/** Goes through the index from one name to the next, however many servers have each. */
async function readSimilar(tx: Transaction, name: string): Promise<readonly string[]> {
  const beginning = `${name.replace(/[\\%_]/g, "\\$&")}%`;
  const next = (after: ReturnType<typeof sql>) => sql`(select ${serverPackages.name} from ${serverPackages}
    where ${serverPackages.name} like ${beginning} and ${after} order by ${serverPackages.name} limit 1)`;
  const { rows } = await tx.execute(sql`
    with recursive names (name) as (
      ${next(sql`true`)}
      union all
      select ${next(sql`${serverPackages.name} > names.name`)} from names where names.name is not null)
    select name from names where name is not null limit ${similarMax}`);
  return z
    .array(z.object({ name: z.string() }))
    .parse(rows)
    .map((row) => row.name);
}
