import { cveSchema, type IssueUrgency, issueUrgencies } from "@mailstead/core/updates";
import { serverPackages, servers, serverUpdates, type Transaction, tenants } from "@mailstead/db";
import { type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import { withoutRebuild } from "./judge-sources.ts";
import { readCursor } from "./read-cursor.ts";
import { type FixState, fixStates } from "./read-open-cves.ts";

const findInput = z.object({
  /** A CVE, as a person may have typed it. */
  cve: z.string().max(100),
  tenantId: z.uuid().optional(),
  fix: z.enum(fixStates).optional(),
  /** `nextCursor` of the page before. */
  cursor: z.string().max(1000).optional(),
  limit: z.int().min(1).max(500).default(50),
});

/** A server that is open to the CVE by one source. */
export interface OpenServer {
  readonly id: string;
  readonly serverId: string;
  readonly serverName: string;
  readonly tenantName: string;
  readonly sourceName: string;
  readonly sourceVersion: string;
  /** The version that waits there; null where none does. */
  readonly to: string | null;
  readonly fix: FixState;
  /** The version in which the server's release has it mended; null where none is named. */
  readonly fixedVersion: string | null;
}

export interface OpenServersAnswer {
  /** What is wrong with the question, in a sentence; null where nothing is. */
  readonly problem: string | null;
  readonly cve: string;
  readonly urgency: IssueUrgency | null;
  readonly isRemote: boolean | null;
  readonly servers: readonly OpenServer[];
  /** How many servers are open, and how many of them by what can be done. */
  readonly total: number;
  readonly counts: Readonly<Record<FixState, number>>;
  /** Sources of which an update that waits somewhere mends it. */
  readonly mendingSources: readonly string[];
  readonly nextCursor: string | null;
}

/** Which servers are open to a CVE, by Debian's lists: one search over the whole fleet, as it last told. */
export async function findOpenServers(
  ctx: ServiceContext,
  input: z.input<typeof findInput>,
): Promise<OpenServersAnswer> {
  const { cve, tenantId, fix, cursor, limit } = parseInput(findInput, input);
  const ended = readCursor(positionSchema, cursor);
  const asked = cveSchema.safeParse(cve.trim().toUpperCase());
  if (!asked.success)
    return {
      ...nobody,
      cve: cve.slice(0, 60),
      problem: `“${cve.slice(0, 60)}” is no CVE. Write one like CVE-2026-12345.`,
    };
  return withTransaction(ctx, async (tx) => {
    const open = openServers(asked.data, tenantId);
    const sums = await readSums(tx, open);
    const found = await readPage(tx, open, { fix, ended, limit: limit + 1 });
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return {
      problem: null,
      cve: asked.data,
      ...sums,
      servers: page.map((row) => ({ id: `${row.serverId} ${row.sourceName}`, ...row })),
      nextCursor:
        last !== undefined && found.length > limit
          ? JSON.stringify([last.serverName, last.serverId, last.sourceName] satisfies z.infer<
              typeof positionSchema
            >)
          : null,
    };
  });
}

const nobody: OpenServersAnswer = {
  problem: null,
  cve: "",
  urgency: null,
  isRemote: null,
  servers: [],
  total: 0,
  counts: { waits: 0, out: 0, none: 0 },
  mendingSources: [],
  nextCursor: null,
};

const positionSchema = z.tuple([z.string(), z.uuid(), z.string()]);

/** A common table `open`: each server and source with what mends it there. */
function openServers(cve: string, tenantId: string | undefined): SQL {
  return sql`
    with issue as materialized (select * from sources_open_to(${cve})),
    open as (
      select installed.server_id, installed.tenant_id, installed.source_name, installed.source_version,
        waiting.to_version, issue.urgency, issue.is_remote, issue.fixed_version,
        case when waiting.to_version is not null and not exists (select from issue as after
              where after.suite = issue.suite and after.source_name = issue.source_name
                and after.source_version = ${withoutRebuild(sql`waiting.to_version`)}) then 'waits'
          when issue.is_fixed then 'out' else 'none' end as fix
      from issue join ${serverPackages} as installed on installed.is_lead
        and installed.source_name = issue.source_name and installed.source_version = issue.source_version
      join ${servers} on ${servers.id} = installed.server_id and ${servers.facts} ->> 'suite' = issue.suite
      left join lateral (select max(to_version) as to_version from ${serverUpdates} as one
        where one.server_id = installed.server_id and one.source_name = installed.source_name and one.is_lead)
        as waiting on true
      where ${tenantId === undefined ? sql`true` : sql`installed.tenant_id = ${tenantId}`}
    )`;
}

const sumsSchema = z.object({
  total: z.int(),
  waits: z.int(),
  out: z.int(),
  none: z.int(),
  urgency: z.enum(issueUrgencies).nullable(),
  isRemote: z.boolean().nullable(),
  mendingSources: z.array(z.string()),
});

async function readSums(tx: Transaction, open: SQL) {
  const urgencies = sql`${sql.param([...issueUrgencies])}::text[]`;
  const { rows } = await tx.execute(sql`${open}
    select count(distinct server_id)::integer as total,
      count(distinct server_id) filter (where fix = 'waits')::integer as waits,
      count(distinct server_id) filter (where fix = 'out')::integer as out,
      count(distinct server_id) filter (where fix = 'none')::integer as none,
      (${urgencies})[max(array_position(${urgencies}, urgency))] as urgency, bool_or(is_remote) as "isRemote",
      coalesce(array_agg(distinct source_name) filter (where fix = 'waits'), '{}') as "mendingSources"
    from open`);
  const { waits, out, none, ...sums } = sumsSchema.parse(rows[0]);
  return { ...sums, counts: { waits, out, none } };
}

const rowSchema = z.object({
  serverId: z.string(),
  serverName: z.string(),
  tenantName: z.string(),
  sourceName: z.string(),
  sourceVersion: z.string(),
  to: z.string().nullable(),
  fix: z.enum(fixStates),
  fixedVersion: z.string().nullable(),
});

async function readPage(
  tx: Transaction,
  open: SQL,
  {
    fix,
    ended,
    limit,
  }: { fix: FixState | undefined; ended: z.infer<typeof positionSchema> | null; limit: number },
): Promise<readonly z.infer<typeof rowSchema>[]> {
  const place = sql`${servers.name}, ${servers.id}, open.source_name`;
  const { rows } = await tx.execute(sql`${open}
    select ${servers.id} as "serverId", ${servers.name} as "serverName", ${tenants.name} as "tenantName",
      open.source_name as "sourceName", open.source_version as "sourceVersion", open.to_version as "to", open.fix,
      open.fixed_version as "fixedVersion"
    from open join ${servers} on ${servers.id} = open.server_id join ${tenants} on ${tenants.id} = open.tenant_id
    where ${fix === undefined ? sql`true` : sql`open.fix = ${fix}`}
      and ${ended === null ? sql`true` : sql`(${place}) > (${ended[0]}, ${ended[1]}::uuid, ${ended[2]})`}
    order by ${place} limit ${limit}`);
  return z.array(rowSchema).parse(rows);
}
