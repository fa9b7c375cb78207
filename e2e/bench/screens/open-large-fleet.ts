import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultRolloutSettings } from "@mailstead/core/rollouts";
import { migrate } from "@mailstead/db/migrate";
import { startEmbeddedPostgres } from "@mailstead/infra/postgres";
import { Client } from "pg";
import { passwords } from "../pages/open-fleet.ts";
import { makePeople, type Person } from "../pages/people.ts";
import { seedFleet } from "../pages/seed-fleet.ts";

/** Somebody who sees all of the fleet. */
export const owner: Person = { title: "owner", email: "owner@o1.example", organisation: 1, tenant: null };

export interface LargeFleet {
  readonly adminUrl: string;
  readonly admin: Client;
  readonly organisationId: string;
  readonly rolloutId: string;
  close(): Promise<void>;
}

const shape = { tenants: 200, domains: 10_000 } as const;

/** A Postgres of its own with so many servers, what they did last, their tags, and a rollout over all of them. */
export async function openLargeFleet(servers: number): Promise<LargeFleet> {
  const dataDir = await mkdtemp(join(tmpdir(), "mailstead-screens-"));
  await chmod(dataDir, 0o711); // Postgres runs as nobody and must pass through.
  const postgres = await startEmbeddedPostgres({ dataDir, disposable: true });
  const admin = new Client({ connectionString: postgres.url });
  const close = async () => {
    await admin.end().catch(() => undefined);
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    await migrate(postgres.url, passwords);
    await admin.connect();
    await seedFleet(admin, { organisations: [{ ...shape, servers }] });
    await makePeople(admin, [owner]);
    await seedWork(admin);
    const rolloutId = await seedRollout(admin);
    await admin.query("analyze");
    const { rows } = await admin.query<{ id: string }>("select id from organisations");
    return { adminUrl: postgres.url, admin, organisationId: rows[0]?.id ?? "", rolloutId, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The last jobs by which a server is judged, and tags on some. */
async function seedWork(admin: Client): Promise<void> {
  await admin.query(`insert into jobs (id, organisation_id, tenant_id, server_id, sequence, lane, verb, args, state, is_install,
      requested_by, created_at, deadline_at, ended_at)
    select gen_random_uuid(), s.organisation_id, s.tenant_id, s.id, n, 'change',
      (array['converge', 'sync-directory'])[n % 2 + 1], '{}', 'succeeded', false, 'owner', now(), now(), now()
    from servers s, generate_series(1, 6) n`);
  await admin.query(`insert into server_tags (server_id, tag, organisation_id, tenant_id)
    select id, tag, organisation_id, tenant_id from servers, unnest(array['canary', 'vip', 'oslo', 'dc-2']) tag
    where bench.chance(name || tag) < 0.3`);
}

async function seedRollout(admin: Client): Promise<string> {
  const { rows } = await admin.query<{ id: string }>(
    `insert into rollouts (id, organisation_id, kind, title, state, settings, choice, wave, started_by, started_at,
        catch_up_until, look_at)
      select gen_random_uuid(), id, 'packages', 'Security updates', 'running', $1, '{"kind": "security"}', 3, 'owner', now(),
        now() + interval '7 days', now() + interval '1 year'
      from organisations returning id`,
    [JSON.stringify(defaultRolloutSettings)],
  );
  const rolloutId = rows[0]?.id ?? "";
  await admin.query(
    `insert into rollout_members (rollout_id, server_id, organisation_id, tenant_id, wave, position, state, state_since,
        packages, is_proven, has_way_back)
      select $1, id, organisation_id, tenant_id, case when at <= 1 then 0 when at <= 500 then 1 when at <= 2500 then 2 else 3 end,
        at, case when at <= 2500 then 'succeeded' else 'waiting' end, now(), '[]', true, true
      from (select *, row_number() over (order by name) at from servers) s`,
    [rolloutId],
  );
  return rolloutId;
}
