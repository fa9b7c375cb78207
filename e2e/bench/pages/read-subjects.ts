import type { Client } from "pg";
import type { Subjects } from "./ask.ts";
import type { Person } from "./people.ts";

/** What the person sees: as many of each kind as a bench asks for in turn, the one with most rows first. */
export async function readSubjects(admin: Client, { email }: Person, max: number): Promise<Subjects> {
  const read = async (text: string) =>
    (await admin.query<{ id: string }>(`${text} limit ${max}`, [email])).rows.map(({ id }) => id);
  const seen = (table: string, tenant = "tenant_id") =>
    `${table} t join users u using (organisation_id) join memberships m on m.user_id = u.id
      where u.email = $1 and (m.tenant_id is null or m.tenant_id = t.${tenant})`;
  const kinds = (of: string) => `(select count from bench.kinds_of where ${of})`;
  const ofLargest = `order by ${kinds("word = t.id::text")} desc, t.name limit 1`;
  const reported = `(select d.id, d.name, d.organisation_id from domains d where d.id in (select t.id from ${seen("domains")})
    order by (select count(*) from dmarc_rows r where r.organisation_id = d.organisation_id and r.domain = d.name
      and r.ends_at > now() - interval '2 days') desc, d.name limit 1)`;
  return {
    customers: await read(
      `select t.id from ${seen("tenants", "id")} order by ${kinds("word = t.id::text")} desc, t.name`,
    ),
    servers: await read(
      `select t.id from ${seen("servers")} order by ${kinds("word = t.id::text")} desc, t.name`,
    ),
    addresses: await read(
      `select jsonb_array_elements_text(facts -> 'ipAddresses') as id from (select t.facts from ${seen("servers")} ${ofLargest}) largest`,
    ),
    domains: await read(
      `select t.id from ${seen("domains")} order by ${kinds("word = t.name")} desc, t.name`,
    ),
    reported: await read(`select id from ${reported} most`),
    strangers: await read(
      `select distinct source_ip as id from dmarc_rows r join ${reported} most on most.organisation_id = r.organisation_id
        and most.name = r.domain where r.ends_at > now() - interval '7 days' and source_ip like '198.51.%'`,
    ),
    // Of each kind some: a page is about the first words of its key.
    findings: await read(
      `select id from (select t.id, row_number() over (partition by split_part(key, ' ', 1) order by t.id) as place
        from ${seen("check_findings")} and closed_at is null and key ~ '^(delivery|fleet|rules)') found order by place, id`,
    ),
    day: new Date(Date.now() - 86_400_000).toISOString().slice(0, 10),
  };
}
