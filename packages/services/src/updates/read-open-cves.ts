import { type IssueUrgency, issueUrgencies } from "@mailstead/core/updates";
import type { Transaction } from "@mailstead/db";
import { type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { withoutRebuild } from "./judge-sources.ts";

/** Where the fix of a CVE is: on its way to the server, in Debian but not in the server's lists, or nowhere yet. */
export const fixStates = ["waits", "out", "none"] as const;
export type FixState = (typeof fixStates)[number];

/** One CVE of one source, and how many servers are open to it. */
export interface OpenCve {
  readonly id: string;
  readonly cve: string;
  readonly sourceName: string;
  /** Null where Debian has not said. */
  readonly urgency: IssueUrgency | null;
  /** Whether it can be used over the network; null where that is not known. */
  readonly isRemote: boolean | null;
  readonly servers: number;
  /** Of them, those that an update waits for which mends it. */
  readonly fixWaits: number;
  /** Those for whose release Debian has mended it, while no such update waits. */
  readonly fixOut: number;
  /** The versions in which the releases have it mended. */
  readonly fixedVersions: readonly string[];
}

export interface OpenCvePage {
  readonly cves: readonly OpenCve[];
  readonly total: number;
  readonly nextCursor: string | null;
}

const rowSchema = z.object({
  cve: z.string(),
  sourceName: z.string(),
  urgency: z.enum(issueUrgencies).nullable(),
  isRemote: z.boolean().nullable(),
  servers: z.int(),
  fixWaits: z.int(),
  fixOut: z.int(),
  fixedVersions: z.array(z.string()),
  rank: z.int(),
  total: z.int(),
});

/** Rank, servers, CVE and source of the last row of a page. */
export const openCvePosition = z.tuple([z.int(), z.int(), z.string(), z.string()]);

export interface OpenCveFilters {
  /** A CVE, or a part of one or of a source's name. */
  readonly search?: string | undefined;
  readonly fix?: FixState | undefined;
  readonly ended: z.infer<typeof openCvePosition> | null;
  readonly limit: number;
}

/**
 * The CVEs that are open by `counted`, a select of suite, source_name, source_version, to_version (empty where nothing waits)
 * and servers: first what an update that waits would mend, then by how grave Debian calls it, then by servers.
 */
export async function readOpenCves(
  tx: Transaction,
  counted: SQL,
  { search = "", fix, ended, limit }: OpenCveFilters,
): Promise<OpenCvePage> {
  const word = search.trim();
  const sought =
    word === ""
      ? sql`true`
      : sql`(strpos(source_name, ${word.toLowerCase()}) > 0 or strpos(cve, ${word.toUpperCase()}) > 0)`;
  const { rows } = await tx.execute(sql`
    with counted as materialized (${counted}),
    named as (
      select jsonb_agg(jsonb_build_object('suite', suite, 'source_name', source_name, 'source_version', version)) as sources
      from (select suite, source_name, source_version as version from counted
        union select suite, source_name, ${toVersion} from counted where to_version <> '') as every
    ),
    issues as materialized (
      select issue.* from named cross join lateral issues_of_sources(coalesce(named.sources, '[]')) as issue
      where ${sought}
    ),
    open as (
      select issues.*, counted.servers,
        counted.to_version <> '' and not exists (select from issues as after where after.suite = issues.suite
          and after.source_name = issues.source_name and after.cve = issues.cve
          and after.source_version = ${toVersion}) as waits
      from counted join issues using (suite, source_name, source_version)
    ),
    found as (
      select cve, source_name as "sourceName",
        (${urgencies})[max(array_position(${urgencies}, urgency))] as urgency,
        bool_or(is_remote) as "isRemote", sum(servers)::integer as servers,
        coalesce(sum(servers) filter (where waits), 0)::integer as "fixWaits",
        coalesce(sum(servers) filter (where is_fixed and not waits), 0)::integer as "fixOut",
        coalesce(array_agg(distinct fixed_version) filter (where fixed_version is not null), '{}') as "fixedVersions",
        (case when bool_or(waits) then 0 else 10 end)
          + 3 - coalesce(max(array_position(${urgencies}, urgency)), 0) as rank
      from open group by cve, source_name
    ),
    meant as (select * from found where ${meantBy(fix)})
    select *, (select count(*)::integer from meant) as total from meant
    where ${
      ended === null
        ? sql`true`
        : sql`(rank, -servers, cve, "sourceName") > (${ended[0]}, ${-ended[1]}, ${ended[2]}, ${ended[3]})`
    }
    order by rank, servers desc, cve, "sourceName" limit ${limit + 1}`);
  const read = z.array(rowSchema).parse(rows);
  const page = read.slice(0, limit);
  const last = page.at(-1);
  return {
    cves: page.map(({ rank: _, total: __, ...row }) => ({ id: `${row.cve} ${row.sourceName}`, ...row })),
    total: read[0]?.total ?? 0,
    nextCursor:
      last !== undefined && read.length > limit
        ? JSON.stringify([last.rank, last.servers, last.cve, last.sourceName] satisfies z.infer<
            typeof openCvePosition
          >)
        : null,
  };
}

const toVersion = withoutRebuild(sql`counted.to_version`);
const urgencies = sql`${sql.param([...issueUrgencies])}::text[]`;

function meantBy(fix: FixState | undefined): SQL {
  switch (fix) {
    case undefined:
      return sql`true`;
    case "waits":
      return sql`"fixWaits" > 0`;
    case "out":
      return sql`"fixOut" > 0`;
    case "none":
      return sql`servers > "fixWaits" + "fixOut"`;
  }
}
