import { openSources, serverPackages, servers, serverUpdates, sourceIssues } from "@mailstead/db";
import { sql } from "drizzle-orm";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";

/**
 * Counts of each customer how many servers have a version that is open to something, and what waits for them there. Pages
 * of ten thousand servers read these sums; they are written by their difference.
 */
export async function countOpenSources(ctx: SystemContext): Promise<void> {
  await withSystemTransaction(ctx, (tx) =>
    tx.execute(sql`
      with counted as materialized (
        select installed.organisation_id, installed.tenant_id, open.suite, open.source_name, open.source_version,
          coalesce(waiting.to_version, '') as to_version, count(*)::integer as servers
        from (select distinct suite, source_name, source_version from ${sourceIssues}) as open
        join ${serverPackages} as installed on installed.is_lead and installed.source_name = open.source_name
          and installed.source_version = open.source_version
        join ${servers} on ${servers.id} = installed.server_id and ${servers.facts} ->> 'suite' = open.suite
        left join (select distinct on (server_id, source_name) server_id, source_name, to_version
          from ${serverUpdates} where is_lead order by server_id, source_name, to_version desc) as waiting
          on waiting.server_id = installed.server_id and waiting.source_name = installed.source_name
        group by 1, 2, 3, 4, 5, 6),
      gone as (
        delete from ${openSources} as kept where not exists (select from counted
          where (counted.tenant_id, counted.suite, counted.source_name, counted.source_version, counted.to_version)
            = (kept.tenant_id, kept.suite, kept.source_name, kept.source_version, kept.to_version)))
      insert into ${openSources} as kept
        (organisation_id, tenant_id, suite, source_name, source_version, to_version, servers)
      select * from counted
      on conflict (tenant_id, suite, source_name, source_version, to_version) do update
        set servers = excluded.servers where kept.servers <> excluded.servers`),
  );
}
