import { suiteSchema } from "@mailstead/core/servers";
import { judgeOpenIssues, type OpenIssue, type SourceVersion } from "@mailstead/core/updates";
import {
  judgedSources,
  securityLists,
  serverPackages,
  serverUpdates,
  sourceIssues,
  type Transaction,
} from "@mailstead/db";
import { eq, isNotNull, sql } from "drizzle-orm";
import { z } from "zod";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";
import { readSecurityList } from "./security-list-source.ts";

/** Several workers judging the same would wait for each other at every row. */
const lockKey = 0x5ec_1157;
const sourcesAtOnce = 1_000;
/** An old kernel alone is open to thousands. */
const issuesAtOnce = 20_000;

/**
 * Judges each version of a source that some server has or waits for by the list that is kept for each release, once for
 * each list: a fleet of thousands has a few thousand of them. Returns how many were judged anew.
 */
export async function judgeSources(ctx: SystemContext): Promise<number> {
  return withSystemTransaction(ctx, async (tx) => {
    if (!(await takeLock(tx))) return 0;
    const lists = await tx
      .select({ suite: securityLists.suite, digest: securityLists.digest })
      .from(securityLists)
      .where(isNotNull(securityLists.digest));
    if (lists.length === 0) return 0;
    const sources = await readSources(tx);
    await forgetGone(tx, sources);
    let judged = 0;
    for (const { suite, digest } of lists)
      judged += await judgeBy(tx, { suite, digest: digest ?? "", sources });
    return judged;
  });
}

async function takeLock(tx: Transaction): Promise<boolean> {
  const { rows } = await tx.execute(sql`select pg_try_advisory_xact_lock(${lockKey}) as "isTaken"`);
  return z.object({ isTaken: z.boolean() }).parse(rows[0]).isTaken;
}

const sourceSchema = z.object({ sourceName: z.string(), sourceVersion: z.string() });

/**
 * Goes through the index from one version to the next, however many servers have each. Of what waits on a server, one version of
 * each source is meant, as where it is counted: a host that tells of thousands would have each judged for everybody.
 */
async function readSources(tx: Transaction): Promise<readonly SourceVersion[]> {
  const { sourceName, sourceVersion } = serverPackages;
  const place = sql`${sourceName}, ${sourceVersion}`;
  const next = (after: ReturnType<typeof sql>) => sql`(select ${place} from ${serverPackages}
    where ${serverPackages.isLead} and ${after} order by ${place} limit 1)`;
  const { rows } = await tx.execute(sql`
    with recursive installed (name, version) as (
      ${next(sql`true`)}
      union all
      select following.* from installed cross join lateral ${next(
        sql`(${place}) > (installed.name, installed.version)`,
      )} as following (name, version))
    select name as "sourceName", version as "sourceVersion" from installed
    union
    select waiting.source_name, ${withoutRebuild(sql`waiting.to_version`)}
    from (select source_name, max(to_version) as to_version from ${serverUpdates} where is_lead
      group by server_id, source_name) as waiting`);
  return z.array(sourceSchema).parse(rows);
}

/** The version of the source behind a package's: one that was only built once more has its old source. */
export function withoutRebuild(version: ReturnType<typeof sql>) {
  return sql`regexp_replace(${version}, '\\+b[0-9]+$', '')`;
}

const rowsOf = (sources: readonly SourceVersion[]) =>
  sql`jsonb_to_recordset(${JSON.stringify(sources)}::jsonb) as told ("sourceName" text, "sourceVersion" text)`;

async function forgetGone(tx: Transaction, sources: readonly SourceVersion[]): Promise<void> {
  await tx.delete(judgedSources).where(
    sql`not exists (select from ${rowsOf(sources)} where told."sourceName" = ${judgedSources.sourceName}
      and told."sourceVersion" = ${judgedSources.sourceVersion})`,
  );
}

async function judgeBy(
  tx: Transaction,
  { suite, digest, sources: told }: { suite: string; digest: string; sources: readonly SourceVersion[] },
): Promise<number> {
  const { rows } = await tx.execute(sql`
    select told.* from ${rowsOf(told)} where not exists (select from ${judgedSources}
      where ${judgedSources.suite} = ${suite} and ${judgedSources.sourceName} = told."sourceName"
        and ${judgedSources.sourceVersion} = told."sourceVersion" and ${judgedSources.digest} = ${digest})`);
  const due = z.array(sourceSchema).parse(rows);
  if (due.length === 0) return 0;
  const [kept] = await tx
    .select({ body: securityLists.body })
    .from(securityLists)
    .where(eq(securityLists.suite, suite));
  const read = await readSecurityList(kept?.body ?? Buffer.alloc(0));
  const known = suiteSchema.safeParse(suite);
  if (read.kind === "unreadable" || !known.success) return 0;
  let sources: SourceVersion[] = [];
  let issues: (SourceVersion & OpenIssue)[] = [];
  for (const [at, source] of due.entries()) {
    sources.push(source);
    for (const issue of judgeOpenIssues(read.list, source, known.data)) issues.push({ ...source, ...issue });
    const isLast = at === due.length - 1;
    if (!isLast && sources.length < sourcesAtOnce && issues.length < issuesAtOnce) continue;
    await write(tx, { suite, digest, sources, issues });
    sources = [];
    issues = [];
  }
  return due.length;
}

async function write(
  tx: Transaction,
  {
    suite,
    digest,
    sources,
    issues,
  }: {
    suite: string;
    digest: string;
    sources: readonly SourceVersion[];
    issues: readonly (SourceVersion & { cve: string })[];
  },
): Promise<void> {
  const told = sql`jsonb_to_recordset(${JSON.stringify(issues)}::jsonb) as issue ("sourceName" text, "sourceVersion" text,
    cve text, urgency text, "isRemote" boolean, "isFixed" boolean, "fixedVersion" text)`;
  await tx.execute(sql`
    insert into ${judgedSources} (suite, source_name, source_version, digest)
    select ${suite}, told."sourceName", told."sourceVersion", ${digest} from ${rowsOf(sources)}
    on conflict (suite, source_name, source_version) do update set digest = excluded.digest`);
  await tx.delete(sourceIssues).where(
    sql`${sourceIssues.suite} = ${suite}
      and exists (select from ${rowsOf(sources)} where told."sourceName" = ${sourceIssues.sourceName}
        and told."sourceVersion" = ${sourceIssues.sourceVersion})
      and not exists (select from ${told} where issue."sourceName" = ${sourceIssues.sourceName}
        and issue."sourceVersion" = ${sourceIssues.sourceVersion} and issue.cve = ${sourceIssues.cve})`,
  );
  const facts = sql`urgency, is_remote, is_fixed, fixed_version`;
  await tx.execute(sql`
    insert into ${sourceIssues} as kept (suite, source_name, source_version, cve, ${facts})
    select ${suite}, issue."sourceName", issue."sourceVersion", issue.cve, issue.urgency, issue."isRemote",
      issue."isFixed", issue."fixedVersion" from ${told}
    on conflict (suite, source_name, source_version, cve) do update set (${facts})
      = (excluded.urgency, excluded.is_remote, excluded.is_fixed, excluded.fixed_version)
    where (kept.urgency, kept.is_remote, kept.is_fixed, kept.fixed_version)
      is distinct from (excluded.urgency, excluded.is_remote, excluded.is_fixed, excluded.fixed_version)`);
}
