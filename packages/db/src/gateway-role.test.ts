import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeOrganisation } from "./factories/index.ts";
import { makeOneOfEach } from "./factories/one-of-each.ts";
import { gatewayRole, queueSchema } from "./roles.ts";
import { openTestDatabase, type TestDatabase } from "./testing/index.ts";

/** What the gateway may do with a table: by column, or "all" where it may touch every column. */
interface Rights {
  select?: readonly string[] | "all";
  insert?: readonly string[] | "all";
  update?: readonly string[] | "all";
  delete?: true;
}

/** Every table and what the gateway may do with it. A new table fails here until a person has decided. */
const expected: Record<string, Rights> = {
  account_alerts: { select: "all", insert: "all", update: "all" },
  acme_accounts: {},
  acme_orders: {},
  acme_settings: {},
  agents: {
    select: [
      "hostname",
      "id",
      "organisation_id",
      "public_key",
      "quarantined_at",
      "server_id",
      "session_counter",
      "tenant_id",
    ],
    update: ["agent_version", "boot_id", "protocol_version", "session_counter"],
  },
  alert_attempts: {},
  alert_channels: {},
  alerts: {},
  aliases: {},
  audit_entries: { insert: "all" },
  block_list_changes: { insert: "all" },
  block_list_entries: { select: "all", insert: "all", update: "all" },
  block_list_hosts: { select: ["round_at", "server_id"], insert: "all", update: ["round_at"] },
  block_list_settings: {},
  certificate_keys: {
    select: ["id", "request", "server_id", "spki_sha256"],
    update: ["reported_at", "request", "spki_sha256"],
  },
  certificate_looks: {},
  certificates: {},
  check_findings: {},
  delivery_days: { select: "all", insert: "all", update: "all" },
  delivery_hours: { select: "all", insert: "all", update: "all" },
  delivery_minutes: { select: "all", insert: "all", update: "all" },
  delivery_pending: { insert: "all" },
  directory_changes: { select: ["entry", "entry_kind", "epoch", "key", "op", "revision", "server_id"] },
  dkim_keys: {
    select: ["domain_id", "id", "private_key_gone_at", "public_key", "selector", "server_id", "state"],
    update: ["public_key", "reported_at"],
  },
  dkim_rotation_events: {},
  dkim_rotations: {},
  dkim_selectors_used: {},
  dns_checks: {},
  dns_connections: {},
  dns_publications: {},
  dns_published_records: {},
  dns_withdrawals: {},
  dns_zone_writers: {},
  domain_servers: {},
  dmarc_rows: { insert: "all" },
  domains: { select: ["id", "name", "organisation_id", "tenant_id"] },
  enrolment_tokens: {},
  feedback_reports: { insert: "all" },
  feed_connections: {},
  feed_days: {},
  feed_domains: {},
  freezes: {},
  google_apps: {},
  google_consents: {},
  gateways: { select: ["id"], insert: "all", update: ["heartbeat_at"] },
  issued_certificates: {},
  job_events: { insert: "all" },
  jobs: {
    select: [
      "accepted_at",
      "cancel_requested_at",
      "deadline_at",
      "dispatched_at",
      "ended_at",
      "gateway_id",
      "id",
      "is_install",
      "key_fingerprint",
      "lane",
      "organisation_id",
      "progress_number",
      "sequence",
      "server_id",
      "signature",
      "signed_order",
      "started_at",
      "state",
      "tenant_id",
      "verb",
    ],
    update: [
      "accepted_at",
      "deadline_at",
      "dispatched_at",
      "ended_at",
      "gateway_id",
      "is_install",
      "outcome",
      "progress_number",
      "started_at",
      "state",
    ],
  },
  left_dkim_keys: {},
  mailboxes: {},
  maintenance_times: {},
  measures: {},
  memberships: {},
  organisations: {},
  outbox: {},
  outgoing_mails: {},
  owner_links: {},
  patch_policies: {},
  received_reports: {
    select: [
      "begins_at",
      "domain",
      "id",
      "kind",
      "part",
      "policy_domain",
      "report_id",
      "reporter",
      "tenant_id",
    ],
    insert: "all",
  },
  relay_secrets: {},
  report_troubles: {
    select: ["day", "kind", "last_at", "mails", "server_id", "why"],
    insert: "all",
    update: ["last_at", "mails"],
  },
  reply_samples: { insert: "all" },
  reputation_days: {},
  fleet_days: {},
  kept_answers: {},
  latency_sums: {},
  rollout_events: {},
  rollout_exclusions: {},
  rollout_members: {},
  rollouts: {},
  stand_ins: {},
  server_days: {},
  server_verdict_days: {},
  summed_days: { select: ["is_whole", "kind", "server_id", "starts_at"], update: ["is_whole"] },
  server_checks: {},
  default_filters: {},
  saved_filters: {},
  server_tags: {},
  server_inventories: { select: "all", insert: "all", update: "all" },
  server_packages: { select: "all", insert: "all", update: "all", delete: true },
  server_updates: { select: "all", insert: "all", update: "all", delete: true },
  host_conditions: {},
  servers: {
    select: ["connected_at", "directory_epoch", "gateway_id", "id", "name", "organisation_id", "tenant_id"],
    update: [
      "applied_directory_epoch",
      "applied_directory_revision",
      "applied_revision",
      "connected_at",
      "facts",
      "facts_at",
      "gateway_id",
      "has_drift",
      "last_seen_at",
      "observed",
      "observed_at",
    ],
  },
  roll_up_state: {},
  sessions: {},
  sign_in_attempts: {},
  settled_sources: {},
  smarthost_changes: {},
  stalled_roll_ups: {},
  target_states: { select: ["document", "revision", "server_id"] },
  telemetry_streams: { select: "all", insert: "all", update: "all" },
  tenants: {},
  tls_failures: { insert: "all" },
  time_kept: {},
  told_findings: {},
  users: {},
  verdict_days: { select: "all", insert: "all", update: "all" },
  verdict_hours: { select: "all", insert: "all", update: "all" },
  warm_ups: {},
  worker_sealing_keys: {},
  zone_records: {},
  zone_secrets: {},
  zone_servers: { select: ["role", "server_id", "zone_id"] },
  zones: {
    select: ["id", "key_roll", "name", "public_keys", "signers"],
    update: ["key_roll", "keys_reported_at", "public_keys", "signers"],
  },
};

const database: TestDatabase = await openTestDatabase();
beforeAll(async () => {
  const organisation = await makeOrganisation(database.admin);
  await makeOneOfEach(database.admin, organisation.id);
});
afterAll(() => database.close());

/** Runs a statement with the gateway's own connection and takes it back; the code of Postgres's refusal, or null. */
async function attempt(sql: string): Promise<string | null> {
  const client = await database.gateway.pool.connect();
  try {
    await client.query("begin");
    await client.query(sql);
    return null;
  } catch (error) {
    return (error as { code: string }).code;
  } finally {
    await client.query("rollback");
    client.release();
  }
}

const insufficientPrivilege = "42501";
const raisedByTrigger = "P0001";

test("the gateway holds exactly the rights that are written here, on every table that there is", async () => {
  const { rows } = await database.admin.pool.query<{
    table: string;
    rights: Record<"select" | "insert" | "update", string[]>;
    columns: number;
    tableRights: string[];
  }>(
    `select c.relname as table, count(*)::integer as columns,
       jsonb_build_object(
         'select', coalesce(jsonb_agg(a.attname order by a.attname) filter (where has_column_privilege($1, c.oid, a.attnum, 'select')), '[]'),
         'insert', coalesce(jsonb_agg(a.attname order by a.attname) filter (where has_column_privilege($1, c.oid, a.attnum, 'insert')), '[]'),
         'update', coalesce(jsonb_agg(a.attname order by a.attname) filter (where has_column_privilege($1, c.oid, a.attnum, 'update')), '[]')
       ) as rights,
       array(select right_name from unnest(array['delete', 'truncate', 'references', 'trigger']) as right_name
         where has_table_privilege($1, c.oid, right_name)) as "tableRights"
     from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
     group by c.oid, c.relname`,
    [gatewayRole],
  );
  const held = Object.fromEntries(
    rows.map(({ table, rights, columns, tableRights }) => {
      const byColumn = Object.entries(rights).flatMap(([right, names]) =>
        names.length === 0 ? [] : [[right, names.length === columns ? "all" : names]],
      );
      const whole = tableRights.map((right) => [right, true]);
      return [table, Object.fromEntries([...byColumn, ...whole])];
    }),
  );
  expect(held).toEqual(expected);
});

test("the gateway calls two functions past row level security, and can make nothing in the database", async () => {
  const { rows } = await database.admin.pool.query(
    `select array(select p.proname::text from pg_proc p where p.pronamespace = 'public'::regnamespace and p.prosecdef
         and has_function_privilege($1, p.oid, 'execute') order by 1) as functions,
       array(select nspname::text from pg_namespace where has_schema_privilege($1, oid, 'create')) as "ownSchemas",
       has_database_privilege($1, current_database(), 'create') as "makesSchemas",
       array(select roleid::regrole::text from pg_auth_members where member = $1::regrole) as memberships,
       exists (select from pg_class where relowner = $1::regrole) as "ownsAnything",
       array(select attname::text from (select rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication
         from pg_roles where rolname = $1) r, jsonb_each(to_jsonb(r)) as flag(attname, value) where value = 'true') as powers`,
    [gatewayRole],
  );
  expect(rows).toEqual([
    {
      functions: ["enrol_agent", "quarantine_agent"],
      ownSchemas: [],
      makesSchemas: false,
      memberships: [],
      ownsAnything: false,
      powers: [],
    },
  ]);
  // A trigger on the queue would run with the rights of the worker that adds to it.
  await database.system.pool.query(`create table ${queueSchema}.entry (id integer)`);
  expect(await attempt(`insert into ${queueSchema}.entry values (1)`)).toBeNull();
  for (const sql of [
    `create function ${queueSchema}.f() returns integer language sql return 1`,
    `create trigger t before insert on ${queueSchema}.entry execute function public.wake_relay()`,
    `create table ${queueSchema}.other (id integer)`,
    `drop table ${queueSchema}.entry`,
  ])
    expect(await attempt(sql), sql).toBe(insufficientPrivilege);
});

describe("Postgres refuses a gateway that", () => {
  const aJob = "(select id from jobs limit 1)";
  test.each([
    ["asks for a job", "insert into jobs select * from jobs"],
    [
      "asks for a job by all that it may name",
      `insert into jobs (id, organisation_id, tenant_id, server_id, sequence, lane, verb, args, requested_by, created_at, deadline_at)
       select gen_random_uuid(), organisation_id, tenant_id, server_id, 99, lane, 'converge', '{}', 'x', now(), now() from jobs`,
    ],
    [
      "wakes the relay for a job",
      `insert into outbox (organisation_id, kind, subject_id, created_at)
       select organisation_id, 'job', id, now() from jobs`,
    ],
    ["takes an outbox row away", "delete from outbox"],
    ["changes what a job does", `update jobs set args = '{"service":"dovecot"}'`],
    ["changes which verb a job has", "update jobs set verb = 'converge'"],
    ["changes the order of jobs", "update jobs set sequence = 1"],
    ["moves a job to another server", `update jobs set server_id = gen_random_uuid()`],
    ["replaces a signed order", "update jobs set signed_order = '{}'"],
    ["replaces a signature", "update jobs set signature = 'x', key_fingerprint = 'x'"],
    ["says when a job was signed", "update jobs set signed_at = now()"],
    ["takes a job away", "delete from jobs"],
    ["rewrites the story of a job", `update job_events set body = '{}'`],
    ["takes the story of a job away", "delete from job_events"],
    [
      "brings in a key without a token",
      `insert into agents (id, organisation_id, tenant_id, server_id, public_key, sealing_key, machine_id, hostname, agent_version, protocol_version, enrolled_at)
       select gen_random_uuid(), organisation_id, tenant_id, id, 'k', 'k', 'm', 'h', '1', 1, now() from servers`,
    ],
    ["replaces the key of an agent", "update agents set public_key = 'k'"],
    ["replaces the sealing key of an agent", "update agents set sealing_key = 'k'"],
    ["ends a quarantine", "update agents set quarantined_at = null"],
    ["takes an agent away", "delete from agents"],
    ["says that a server is enrolled", "update servers set enrolment_state = 'enrolled'"],
    ["names a target state", "update servers set target_revision = 9"],
    ["writes a target state", "update target_states set document = '{}'"],
    ["leads the directory elsewhere", "update servers set directory_revision = 9, directory_chain = ''"],
    ["writes into a mail directory", "insert into directory_changes select * from directory_changes"],
    ["reads tokens", "select token_hash from enrolment_tokens"],
    ["makes a token count again", "update enrolment_tokens set used_at = null"],
    ["reads passwords of people", "select password_hash from users"],
    ["reads passwords of mailboxes where they stand", "select password_hash from mailboxes"],
    ["reads sessions", "select id from sessions"],
    ["reads links for owners", "select token_hash from owner_links"],
    ["reads relay secrets", "select box from relay_secrets"],
    ["reads the audit", "select action from audit_entries"],
    ["begins to sign with a key of its choice", "update dkim_keys set state = 'signing'"],
  ])("%s", async (_what, sql) => {
    expect(await attempt(sql)).toBe(insufficientPrivilege);
  });

  test("writes into the audit in the name of a person, or of what it does not do", async () => {
    const entry = (kind: string, action: string) =>
      attempt(`insert into audit_entries (id, organisation_id, actor_kind, actor_name, action, subject_kind, subject_name, request_id, at)
        select gen_random_uuid(), organisation_id, '${kind}', 'n', '${action}', 'server', 's', 'r', now() from jobs limit 1`);
    expect(await entry("agent", "enrol-agent")).toBeNull();
    expect(await entry("user", "enrol-agent")).toBe(insufficientPrivilege);
    expect(await entry("system", "remove-server")).toBe(insufficientPrivilege);
  });

  test("lets a clone in by setting its counter back", async () => {
    expect(await attempt("update agents set session_counter = session_counter + 1")).toBeNull();
    expect(await attempt("update agents set session_counter = -1")).toBe(raisedByTrigger);
  });

  test.each(["succeeded", "failed", "timed-out", "cancelled"])(
    "brings a job back that has %s",
    async (state) => {
      const end = `update jobs set state = '${state}', ended_at = now() where id = ${aJob}`;
      for (const change of ["state = 'queued'", `outcome = '{"kind":"cancelled"}'`, "ended_at = null"])
        expect(await attempt(`${end}; update jobs set ${change} where id = ${aJob}`), change).toBe(
          raisedByTrigger,
        );
      expect(await attempt(`${end}; update jobs set progress_number = 7 where id = ${aJob}`)).toBeNull();
    },
  );
});
