import type { Database } from "../database.ts";
import { appRole } from "../roles.ts";

export interface Table {
  name: string;
  owner: string;
  isProtected: boolean;
  isForced: boolean;
  columns: string[];
  hasTenant: boolean;
  /** True for what belongs to the installation and not to an organisation. */
  isPlatform: boolean;
  /** A column that the web's role may read; any other when there is none. */
  readableColumn: string;
  /** A column that the web's role may change; any other when there is none. */
  changeableColumn: string;
  policyRoles: string[];
  foreignKeys: { name: string; target: string; columns: string[] }[];
}

/** Tables whose rows belong to the whole installation; a new one must be named here by a person. */
const platformTables = [
  "dkim_selectors_used",
  "dns_zone_writers",
  "gateways",
  "judged_sources",
  "roll_up_state",
  "security_lists",
  "source_issues",
  "time_kept",
  "worker_sealing_keys",
];

/** Every table of the schema as Postgres itself describes it; partitions are rows of their tables and have no rights of their own. */
export async function readTables(admin: Database): Promise<Table[]> {
  const { rows } = await admin.pool.query<Omit<Table, "hasTenant" | "isPlatform">>(
    `select c.relname as name, c.relowner::regrole::text as owner, c.relrowsecurity as "isProtected",
       c.relforcerowsecurity as "isForced",
       array(select attname::text from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped
         order by attnum) as columns,
       (select attname::text from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped
         order by has_column_privilege($1, c.oid, attnum, 'select') desc, attnum limit 1) as "readableColumn",
       (select attname::text from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped
         and attidentity = '' order by has_column_privilege($1, c.oid, attnum, 'update') desc, attnum limit 1)
         as "changeableColumn",
       array(select distinct role::text from pg_policies, unnest(roles) as role
         where schemaname = 'public' and tablename = c.relname) as "policyRoles",
       coalesce((select jsonb_agg(jsonb_build_object('name', k.conname, 'target', k.confrelid::regclass::text,
         'columns', array(select attname from pg_attribute where attrelid = c.oid and attnum = any(k.conkey))))
         from pg_constraint k where k.conrelid = c.oid and k.contype = 'f'), '[]') as "foreignKeys"
     from pg_class c
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'f', 'v', 'm') and not c.relispartition
     order by c.relname`,
    [appRole],
  );
  return rows.map((row) => ({
    ...row,
    hasTenant: row.columns.includes("tenant_id"),
    isPlatform: platformTables.includes(row.name),
  }));
}
