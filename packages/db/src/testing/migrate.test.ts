import { randomUUID } from "node:crypto";
import { createTestDatabase } from "@mailstead/infra/postgres/testing";
import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDatabase } from "../database.ts";
import { makeDomain, makeOrganisation, makeServer, makeTenant } from "../factories/index.ts";
import { MigrationError, migrate } from "../migrate.ts";
import { newId } from "../new-id.ts";
import {
  appRole,
  enrolmentRole,
  gatewayRole,
  ownerRole,
  prepareRoles,
  queueSchema,
  signInRole,
  systemRole,
} from "../roles.ts";
import { dkimKeys } from "../schema/index.ts";
import { passwords } from "./test-database.ts";

// An admin as managed Postgres gives one: no superuser, but it may create roles and owns its database.
const admin = `limited_${process.pid}`;
const adminPassword = "limited-for-tests";
let superuser: Client;
let superuserUrl: string;
let dropEmpty: () => Promise<void>;

beforeAll(async () => {
  const empty = await createTestDatabase({ key: "empty", prepare: async () => undefined });
  superuserUrl = empty.url;
  dropEmpty = empty.drop;
  superuser = new Client({ connectionString: empty.url });
  await superuser.connect();
  await superuser.query(`create role ${admin} login createrole password '${adminPassword}'`);
  // Whoever makes the roles has this option, and other tests of the cluster may have made them already.
  await prepareRoles(superuser, passwords);
  await superuser.query(
    `grant ${[ownerRole, signInRole, enrolmentRole, appRole, systemRole, gatewayRole]} to ${admin} with admin option`,
  );
});
afterAll(async () => {
  await superuser.query(`drop owned by ${admin}`);
  await superuser.query(`drop role ${admin}`);
  await superuser.end();
  await dropEmpty();
});

/** Tables that row level security does not keep from their owner. */
const unforced =
  "select relname::text as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and not relforcerowsecurity";

async function withEmptyDatabase(work: (url: string) => Promise<void>): Promise<void> {
  const name = `test_migrate_${process.pid}_${randomUUID().slice(0, 8)}`;
  await superuser.query(`create database ${name} owner ${admin}`);
  const url = new URL(superuserUrl);
  url.pathname = `/${name}`;
  url.username = admin;
  url.password = adminPassword;
  try {
    await work(url.href);
  } finally {
    await superuser.query(`drop database ${name} with (force)`);
  }
}

/** The same database past row level security. */
function asSuperuser(url: string): string {
  const all = new URL(superuserUrl);
  all.pathname = new URL(url).pathname;
  return all.href;
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test("an admin that is no superuser migrates, and once more changes nothing", async () => {
  await withEmptyDatabase(async (url) => {
    expect((await migrate(url, passwords)).applied[0]).toBe("0001_foundation.sql");
    expect(await migrate(url, passwords)).toEqual({ applied: [] });
    expect(
      await query(url, `select distinct tableowner as owner from pg_tables where schemaname = 'public'`),
    ).toEqual([{ owner: ownerRole }]);
  });
});

test("a queue that was made before the gateway had a role of its own is open to it", async () => {
  await withEmptyDatabase(async (url) => {
    await migrate(url, passwords);
    await query(
      url,
      `set role ${systemRole};
       alter default privileges in schema ${queueSchema} revoke all on tables from ${gatewayRole};
       create table ${queueSchema}.early (id integer);
       reset role`,
    );
    await migrate(url, passwords);
    await query(url, `set role ${systemRole}; create table ${queueSchema}.late (id integer); reset role`);
    for (const table of ["early", "late"])
      expect(
        await query(
          url,
          `select has_table_privilege('${gatewayRole}', '${queueSchema}.${table}', 'insert') as may`,
        ),
      ).toEqual([{ may: true }]);
  });
});

test("what was installed before jobs said so is known afterwards", async () => {
  await withEmptyDatabase(async (url) => {
    await migrate(url, passwords);
    await query(
      url,
      `set role ${ownerRole};
       alter table jobs drop column is_install;
       reset role;
       delete from mailstead_migrations.applied where name = '0011_job_installs.sql';`,
    );
    const database = openDatabase(asSuperuser(url));
    const owner = { organisationId: (await makeOrganisation(database)).id };
    const owned = { ...owner, tenantId: (await makeTenant(database, owner)).id };
    const installRequestedAt = [new Date(), new Date(Date.now() - 200 * 86_400_000), null];
    for (const requestedAt of installRequestedAt) {
      const server = await makeServer(database, { ...owned, installRequestedAt: requestedAt });
      for (const [sequence, state] of ["failed", "succeeded", "failed"].entries())
        await database.pool.query(
          `insert into jobs (id, organisation_id, tenant_id, server_id, sequence, lane, verb, args, state, requested_by, created_at, deadline_at)
           values (gen_random_uuid(), $1, $2, $3, $4, 'change', 'converge', '{}', $5, 'test', now(), now())`,
          [owned.organisationId, owned.tenantId, server.id, sequence + 1, state],
        );
    }
    await database.close();
    expect((await migrate(url, passwords)).applied).toEqual(["0011_job_installs.sql"]);
    const found = await query(
      asSuperuser(url),
      `select array_agg(is_install order by sequence) as installs from jobs j join servers s on s.id = j.server_id
       group by server_id, s.install_requested_at order by s.install_requested_at desc nulls last`,
    );
    expect(found).toEqual([
      { installs: [true, true, false] },
      { installs: [false, false, false] },
      { installs: [false, false, false] },
    ]);
    expect(await query(asSuperuser(url), unforced)).toEqual([]);
  });
});

test("names that DKIM keys had before names were noted are never used again, also of domains that have gone", async () => {
  await withEmptyDatabase(async (url) => {
    await migrate(url, passwords);
    await query(
      url,
      `set role ${ownerRole};
       drop function kept_time(), used_dkim_selectors(text), use_dkim_selectors(text, text[]);
       drop table time_kept, dkim_selectors_used, left_dkim_keys;
       drop policy system_rows on zone_records;
       reset role;
       delete from mailstead_migrations.applied where name = '0037_lived_time_and_left_keys.sql';`,
    );
    const database = openDatabase(asSuperuser(url));
    const rowOfAudit = (organisationId: string, name: string, before: string | null) =>
      database.pool.query(
        `insert into audit_entries (id, organisation_id, at, actor_kind, actor_name, action, subject_kind, subject_id, subject_name, before, request_id)
         values (gen_random_uuid(), $1, now(), 'user', 'test', 'remove-domain', 'domain', gen_random_uuid(), $2, $3, 'test')`,
        [organisationId, name, before],
      );
    const key = { algorithm: "rsa-2048", createdAt: new Date() } as const;
    // A domain that moved from one organisation to another has the same names in both.
    for (const _organisation of ["first", "second"]) {
      const organisationId = (await makeOrganisation(database)).id;
      const tenantId = (await makeTenant(database, { organisationId })).id;
      const owned = { organisationId, tenantId };
      const domainId = (await makeDomain(database, { ...owned, name: "stays.example" })).id;
      const serverId = (await makeServer(database, owned)).id;
      await database.query
        .insert(dkimKeys)
        .values({ ...owned, id: newId(), domainId, serverId, selector: "ms202601a", ...key });
      await rowOfAudit(organisationId, "gone.example", '{"selectors": ["ms202512a", "ms202512b"]}');
      await rowOfAudit(organisationId, "odd.example", '{"selectors": "none"}');
      await rowOfAudit(organisationId, "bare.example", null);
    }
    await database.close();
    expect((await migrate(url, passwords)).applied).toEqual(["0037_lived_time_and_left_keys.sql"]);
    expect(
      await query(
        asSuperuser(url),
        "select domain_name, selector from dkim_selectors_used order by domain_name, selector",
      ),
    ).toEqual([
      { domain_name: "gone.example", selector: "ms202512a" },
      { domain_name: "gone.example", selector: "ms202512b" },
      { domain_name: "stays.example", selector: "ms202601a" },
    ]);
    expect(await query(asSuperuser(url), unforced)).toEqual([]);
  });
});

test("of two launchers that migrate at the same moment one does the work", async () => {
  await withEmptyDatabase(async (url) => {
    const results = await Promise.all([migrate(url, passwords), migrate(url, passwords)]);
    expect(results.filter(({ applied }) => applied.length > 0)).toHaveLength(1);
  });
});

test("a migration that was applied in another form is refused by its name", async () => {
  await withEmptyDatabase(async (url) => {
    await migrate(url, passwords);
    await query(url, "update mailstead_migrations.applied set digest = 'other' where name like '0001%'");
    const refused = migrate(url, passwords);
    await expect(refused).rejects.toThrow(MigrationError);
    await expect(refused).rejects.toThrow(
      /0001_foundation\.sql was applied to this database in another form/,
    );
  });
});
