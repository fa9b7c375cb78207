import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeOrganisation, makeTenant } from "../factories/index.ts";
import { makeOneOfEach } from "../factories/one-of-each.ts";
import { appRole, enrolmentRole, gatewayRole, ownerRole, signInRole, systemRole } from "../roles.ts";
import { openTestDatabase, type TestDatabase } from "../testing/index.ts";
import { readTables, type Table } from "./read-tables.ts";

// Everything here is made from pg_catalog, so that a table is tried on the day it is made.
const database: TestDatabase = await openTestDatabase();
const tables = await readTables(database.admin);

let home: string;
let homeTenant: string;
let neighbourTenant: string;
let elsewhere: string;
let elsewhereTenant: string;

beforeAll(async () => {
  home = (await makeOrganisation(database.admin)).id;
  elsewhere = (await makeOrganisation(database.admin)).id;
  homeTenant = (await makeOneOfEach(database.admin, home)).tenantId;
  elsewhereTenant = (await makeOneOfEach(database.admin, elsewhere)).tenantId;
  neighbourTenant = (await makeTenant(database.admin, { organisationId: home })).id;
});
afterAll(() => database.close());

type Context = { organisationId: string; tenantId: string | null } | null;
type Outcome = { kind: "rows"; count: number } | { kind: "refused"; code: string };

/** Runs one statement as the web's role in a context, and takes it back. */
async function attempt(context: Context, sql: string, values: unknown[] = []): Promise<Outcome> {
  const client = await database.app.pool.connect();
  try {
    await client.query("begin");
    if (context !== null)
      await client.query(
        "select set_config('mailstead.organisation_id', $1, true), set_config('mailstead.tenant_id', $2, true)",
        [context.organisationId, context.tenantId ?? ""],
      );
    const { rowCount } = await client.query(sql, values);
    return { kind: "rows", count: rowCount ?? 0 };
  } catch (error) {
    return { kind: "refused", code: (error as { code: string }).code };
  } finally {
    await client.query("rollback");
    client.release();
  }
}

const insufficientPrivilege = "42501";

function expectNothing(outcome: Outcome): void {
  if (outcome.kind === "rows") expect(outcome.count).toBe(0);
  else expect(outcome.code).toBe(insufficientPrivilege);
}

/** The rows of the home organisation, as a condition. */
function homeRows(table: Table): string {
  return table.name === "organisations" ? `id = '${home}'` : `organisation_id = '${home}'`;
}

async function homeRow(table: Table): Promise<Record<string, unknown>> {
  const { rows } = await database.admin.pool.query(
    `select to_jsonb(t) as row from ${table.name} t where ${table.isPlatform ? "true" : homeRows(table)}
     ${table.hasTenant ? `and tenant_id = '${homeTenant}'` : ""} limit 1`,
  );
  if (rows[0] === undefined) throw new Error(`makeOneOfEach makes no row in ${table.name}; add one there.`);
  return rows[0].row;
}

const insert = (table: Table) =>
  `insert into ${table.name} overriding system value select (jsonb_populate_record(null::${table.name}, $1)).*`;

/**
 * A zone of one customer's carries DKIM keys of another's domain that handed its names over. A feed of the organisation
 * tells of the domains and servers of every customer. A channel, an event of many servers and a filter may be of no
 * customer, which no key could name. Policies guard each of them.
 */
const sharedByCustomers = new Set([
  "zone_records_of_domain",
  "feed_domains_connection_id_organisation_id_fkey",
  "feed_days_connection_id_organisation_id_fkey",
  "check_findings_event",
  "told_findings_channel",
  "alerts_channel",
  "alert_attempts_alert",
  "rollout_members_rollout_id_organisation_id_fkey",
  "rollout_events_rollout_id_organisation_id_fkey",
  "default_filters_filter_id_organisation_id_fkey",
]);

describe.each(tables)("$name", (table) => {
  const strangers: [string, () => Context][] = [
    ["another organisation", () => ({ organisationId: elsewhere, tenantId: null })],
    ["a customer of another organisation", () => ({ organisationId: elsewhere, tenantId: elsewhereTenant })],
    [
      "another organisation that names our customer",
      () => ({ organisationId: elsewhere, tenantId: homeTenant }),
    ],
    ["nobody in particular", () => null],
  ];

  test.each(strangers)("%s reads, changes and removes no row of ours", async (_who, contextOf) => {
    await homeRow(table);
    const where = table.isPlatform ? "true" : homeRows(table);
    const context = contextOf();
    expectNothing(await attempt(context, `select ${table.readableColumn} from ${table.name} where ${where}`));
    expectNothing(
      await attempt(
        context,
        `update ${table.name} set ${table.changeableColumn} = ${table.changeableColumn} where ${where}`,
      ),
    );
    expectNothing(await attempt(context, `delete from ${table.name} where ${where}`));
  });

  test.each(strangers)("%s puts no row in our name", async (_who, contextOf) => {
    const outcome = await attempt(contextOf(), insert(table), [await homeRow(table)]);
    expect(outcome).toEqual({ kind: "refused", code: insufficientPrivilege });
  });

  test("no row of ours is given away", async () => {
    const column = table.name === "organisations" ? "id" : "organisation_id";
    const outcome = await attempt(
      { organisationId: home, tenantId: null },
      `update ${table.name} set ${column} = '${elsewhere}' where ${column} = '${home}'`,
    );
    expect(outcome).toEqual({ kind: "refused", code: insufficientPrivilege });
  });

  // The organisation's own row is for all of its people; every other row is some customer's or the organisation's alone.
  if (table.name !== "organisations")
    test("a customer reads, changes, removes and makes nothing of another customer", async () => {
      const neighbour = { organisationId: home, tenantId: neighbourTenant };
      const where = `${homeRows(table)} ${table.hasTenant ? `and tenant_id = '${homeTenant}'` : ""}
        ${table.name === "tenants" ? `and id = '${homeTenant}'` : ""}`;
      expectNothing(
        await attempt(neighbour, `select ${table.readableColumn} from ${table.name} where ${where}`),
      );
      expectNothing(
        await attempt(
          neighbour,
          `update ${table.name} set ${table.changeableColumn} = ${table.changeableColumn} where ${where}`,
        ),
      );
      expectNothing(await attempt(neighbour, `delete from ${table.name} where ${where}`));
      if (table.hasTenant)
        expect(await attempt(neighbour, insert(table), [await homeRow(table)])).toEqual({
          kind: "refused",
          code: insufficientPrivilege,
        });
    });

  test("row level security is forced, for owners too, and the web and the system own nothing", () => {
    expect(table).toMatchObject({ isProtected: true, isForced: true, owner: ownerRole });
    expect(table.policyRoles).not.toContain("public");
  });

  test("it says whose its rows are", () => {
    expect(table.columns).toContain(table.name === "organisations" ? "id" : "organisation_id");
  });

  test("its foreign keys stay within the organisation and the customer", () => {
    for (const key of table.foreignKeys) {
      const target = tables.find((other) => other.name === key.target);
      if (target === undefined || target.isPlatform || target.name === "organisations") continue;
      expect(key.columns, `${key.name} leads to ${key.target}`).toContain("organisation_id");
      if (target.hasTenant && !sharedByCustomers.has(key.name))
        expect(key.columns, `${key.name} leads to ${key.target}`).toContain("tenant_id");
    }
  });
});

test("a person sees the rows of their own organisation, so that the refusals above mean something", async () => {
  const context = { organisationId: home, tenantId: homeTenant };
  for (const table of tables.filter((one) => one.hasTenant && one.readableColumn !== "null")) {
    const outcome = await attempt(context, `select ${table.readableColumn} from ${table.name}`);
    if (outcome.kind === "refused") expect(outcome.code).toBe(insufficientPrivilege);
    else expect(outcome.count, table.name).toBeGreaterThan(0);
  }
});

test("nobody can change or remove what the audit says", async () => {
  const { rows } = await database.admin.pool.query(
    `select grantee, privilege_type from information_schema.role_table_grants
     where table_name = 'audit_entries' and grantee = any($1) and privilege_type not in ('SELECT', 'INSERT')`,
    [[appRole, systemRole, gatewayRole, signInRole, enrolmentRole]],
  );
  expect(rows).toEqual([]);
});

test.each([systemRole, gatewayRole])(
  "%s reaches no account, no password and no relay secret",
  async (role) => {
    const { rows } = await database.admin.pool.query<{ name: string }>(
      `select relname as name from pg_class
     where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
     and has_any_column_privilege($1, oid, 'select, insert, update') order by 1`,
      [role],
    );
    const reachable = rows.map((row) => row.name);
    for (const name of [
      "users",
      "memberships",
      "sessions",
      "sign_in_attempts",
      "relay_secrets",
      "zone_secrets",
    ])
      expect(reachable).not.toContain(name);
  },
);

test("a partition is reached by nobody past the policies of its table", async () => {
  const { rows } = await database.admin.pool.query<{ name: string }>(
    `select c.relname as name from pg_class c where c.relnamespace = 'public'::regnamespace and c.relispartition and c.relkind = 'r'
     and (not c.relrowsecurity or not c.relforcerowsecurity or exists (select from unnest($1::text[]) as role
       where has_any_column_privilege(role, c.oid, 'select, insert, update')
         or has_table_privilege(role, c.oid, 'delete, truncate')))`,
    [[appRole, systemRole, gatewayRole, signInRole, enrolmentRole]],
  );
  expect(rows).toEqual([]);
});

/** Only who owns a table can give it partitions; it is told a time and nothing else. */
const ownersFunctions = ["keep_delivery_partitions"];

test("a function that works past row level security has a fixed search path and an owner with few rights", async () => {
  const { rows } = await database.admin.pool.query(
    `select p.proname as name, p.proowner::regrole::text as owner, p.proconfig as settings,
       has_function_privilege('public', p.oid, 'execute') as is_public
     from pg_proc p where p.pronamespace = 'public'::regnamespace and p.prosecdef`,
  );
  expect(rows.length).toBeGreaterThan(0);
  for (const row of rows)
    expect(row).toMatchObject({
      owner: ownersFunctions.includes(row.name)
        ? ownerRole
        : expect.stringMatching(`^(${signInRole}|${enrolmentRole})$`),
      settings: ["search_path=pg_catalog, pg_temp"],
      is_public: false,
    });
});
