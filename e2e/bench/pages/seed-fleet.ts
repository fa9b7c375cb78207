import {
  defaultStackSettings,
  defaultWebSettings,
  noDns,
  noOverrides,
  noSpamhaus,
} from "@mailstead/core/servers";
import type { Client } from "pg";
import type { FleetSize } from "./size.ts";

/**
 * Makes organisations, their customers, servers and domains in bulk. Who comes first is larger: most domains are on the
 * first servers, and the first customers have most servers.
 */
export async function seedFleet(
  admin: Client,
  { organisations }: Pick<FleetSize, "organisations">,
): Promise<void> {
  await admin.query("create schema bench");
  // The id of a thing of the fleet, by its kind, its organisation and its number.
  await admin.query(`create function bench.id_of(variadic words text[]) returns uuid language sql immutable
    return overlay(overlay(md5(array_to_string(words, ' ')) placing '4' from 13) placing '8' from 17)::uuid`);
  // A number from 0 to 1 that is the same in each run.
  await admin.query(`create function bench.chance(word text) returns float8 language sql immutable
    return (hashtext(word) & 1048575) / 1048576.0`);
  await admin.query(`create function bench.address_of(organisation integer, server integer) returns text language sql immutable
    return '10.' || organisation || '.' || server / 250 || '.' || server % 250 + 1`);
  for (const [index, { tenants, servers, domains }] of organisations.entries()) {
    const o = index + 1;
    await admin.query(`insert into organisations (id, name, created_at)
      values (bench.id_of('organisation', '${o}'), 'Organisation ${o}', now() - interval '1 year')`);
    await admin.query(`insert into tenants (id, organisation_id, name, created_at)
      select bench.id_of('tenant', '${o}', t::text), bench.id_of('organisation', '${o}'), 'Customer ' || t, now() - interval '1 year'
      from generate_series(1, ${tenants}) t`);
    await admin.query(`insert into servers (id, organisation_id, tenant_id, name, hostname, enrolment_state, target_revision,
        applied_revision, install_requested_at, last_seen_at, facts_at, created_at, facts)
      select bench.id_of('server', '${o}', s::text), bench.id_of('organisation', '${o}'),
        bench.id_of('tenant', '${o}', (case when s <= ${tenants} then s
          else 1 + floor(${tenants} * power(bench.chance('s' || s), 3)) end)::int::text),
        'mail' || s, 'mail' || s || '.o${o}.example', 'enrolled', 1, 1, now() - interval '1 year', now(), now(),
        now() - interval '1 year', jsonb_build_object(
          'ipAddresses', jsonb_build_array(bench.address_of(${o}, s), '2001:db8:${o}::' || to_hex(s)),
          'queueSizeMessages', s % 37, 'queueLateMessages', s % 5)
      from generate_series(1, ${servers}) s`);
    await admin.query(`insert into domains (id, organisation_id, tenant_id, name, created_at)
      select bench.id_of('domain', '${o}', d::text), s.organisation_id, s.tenant_id, 'd' || d || '.o${o}.example', now() - interval '1 year'
      from generate_series(1, ${domains}) d
      join servers s on s.id = bench.id_of('server', '${o}', (${homeOf(servers)})::int::text)`);
    await admin.query(`insert into domain_servers (domain_id, server_id, organisation_id, tenant_id, role, created_at)
      select bench.id_of('domain', '${o}', d::text), s.id, s.organisation_id, s.tenant_id, 'home', now() - interval '1 year'
      from generate_series(1, ${domains}) d
      join servers s on s.id = bench.id_of('server', '${o}', (${homeOf(servers)})::int::text)`);
  }
  await writeTargetStates(admin);
}

/** The server that a domain is at home on. */
function homeOf(servers: number): string {
  return `case when d <= ${servers} then d else 1 + floor(${servers} * power(bench.chance('d' || d), 2.5)) end`;
}

async function writeTargetStates(admin: Client): Promise<void> {
  const document = {
    formatVersion: 1,
    revision: 1,
    stack: defaultStackSettings,
    domains: [],
    destroyedKeys: [],
    relays: [],
    destinationRelays: [],
    measures: [],
    tlsExceptions: [],
    web: defaultWebSettings,
    driftPolicy: "revert",
    overrides: noOverrides,
    certificates: [],
    dns: noDns,
    blockLists: noSpamhaus,
  };
  await admin.query(
    `insert into target_states (server_id, revision, organisation_id, tenant_id, document, digest, author_name, summary, created_at)
      select id, 1, organisation_id, tenant_id,
        ($1::jsonb || jsonb_build_object('serverId', id, 'hostname', hostname))::text, 'none', 'bench', 'Server added', created_at
      from servers`,
    [JSON.stringify(document)],
  );
}
