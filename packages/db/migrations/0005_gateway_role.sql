-- The gateway faces the Internet, so it signs in as a role of its own that can record what agents say and ask for
-- nothing. mailstead_system keeps its grants: a gateway of the version before runs on them until it is restarted.

-- ---------------------------------------------------------------- what mailstead_gateway reads and records

grant usage on schema public to mailstead_gateway, mailstead_enrolment;

do $$
declare
  name text;
begin
  foreach name in array array['gateways', 'servers', 'agents', 'target_states', 'domains', 'dkim_keys',
    'directory_changes', 'jobs', 'job_events'] loop
    execute format('create policy gateway_rows on public.%I to mailstead_gateway using (true)', name);
  end loop;
end
$$;

grant select (id), insert, update (heartbeat_at) on gateways to mailstead_gateway;
grant select (id, organisation_id, tenant_id, name, gateway_id, connected_at, directory_epoch),
  update (gateway_id, connected_at, last_seen_at, facts, facts_at, observed, observed_at, has_drift, applied_revision,
    applied_directory_epoch, applied_directory_revision) on servers to mailstead_gateway;
-- Keys come in through enrol_agent alone, and quarantine through quarantine_agent.
grant select (id, organisation_id, tenant_id, server_id, public_key, hostname, session_counter, quarantined_at),
  update (session_counter, boot_id, agent_version, protocol_version) on agents to mailstead_gateway;
grant select (server_id, revision, document) on target_states to mailstead_gateway;
grant select (server_id, epoch, revision, op, entry_kind, key, entry) on directory_changes to mailstead_gateway;
grant select (id, name) on domains to mailstead_gateway;
grant select (id, domain_id, server_id, selector, public_key), update (public_key, reported_at)
  on dkim_keys to mailstead_gateway;
-- What a job is about was decided by whoever made it and is signed; the gateway says only how far it has come.
grant select (id, organisation_id, tenant_id, server_id, sequence, lane, verb, state, signed_order, signature,
    key_fingerprint, gateway_id, progress_number, dispatched_at, accepted_at, started_at, ended_at,
    cancel_requested_at, deadline_at),
  update (state, gateway_id, progress_number, outcome, dispatched_at, accepted_at, started_at, ended_at, deadline_at)
  on jobs to mailstead_gateway;
grant insert on job_events to mailstead_gateway;
-- It may add what it does by itself to the audit, and nothing in the name of a person.
grant insert on audit_entries to mailstead_gateway;
create policy gateway_entries on audit_entries for insert to mailstead_gateway
  with check (actor_kind in ('agent', 'system') and action in ('enrol-agent', 'quarantine-server'));

-- ---------------------------------------------------------------- what holds whoever writes

-- A job that was cancelled or has failed must not come back to be signed and delivered.
create function refuse_another_end() returns trigger language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception 'job % has ended and stays as it ended', old.id;
end
$$;
create trigger jobs_stay_ended before update on jobs for each row
  when (old.state in ('succeeded', 'failed', 'timed-out', 'cancelled')
    and (new.state, new.outcome, new.ended_at) is distinct from (old.state, old.outcome, old.ended_at))
  execute function refuse_another_end();

-- A lower counter would let a clone in.
create function refuse_lower_counter() returns trigger language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception 'the session counter of agent % cannot go down', old.id;
end
$$;
create trigger agents_count_up before update of session_counter on agents for each row
  when (new.session_counter < old.session_counter) execute function refuse_lower_counter();

-- ---------------------------------------------------------------- taking agents in, and locking them out

-- These functions run as mailstead_enrolment, which may touch nothing but what they need.
grant select, update (used_at) on enrolment_tokens to mailstead_enrolment;
grant select, insert, delete, update (quarantined_at) on agents to mailstead_enrolment;
grant select (id, name, gateway_id), update (enrolment_state, gateway_id, facts, facts_at, observed, observed_at,
  has_drift, install_requested_at, applied_revision, applied_directory_epoch, applied_directory_revision)
  on servers to mailstead_enrolment;
grant select (server_id), update (public_key) on dkim_keys to mailstead_enrolment;
create policy enrolment_rows on enrolment_tokens to mailstead_enrolment using (true);
create policy enrolment_rows on agents to mailstead_enrolment using (true);
create policy enrolment_rows on servers to mailstead_enrolment using (true);
create policy enrolment_rows on dkim_keys to mailstead_enrolment using (true);

-- Uses a token up and puts the agent in the place of the one that its server had. Postgres asks its own clock whether
-- the token still counts. Returns the outcome, and for an agent that was taken in whose it is and whom it replaced.
create function enrol_agent(wanted_token_hash text, new_agent_id uuid, new_public_key text, new_sealing_key text,
  new_machine_id text, new_hostname text, new_agent_version text, new_protocol_version integer, at timestamptz)
  returns jsonb
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  token public.enrolment_tokens;
  replaced public.agents;
  server_name text;
begin
  select * into token from public.enrolment_tokens t where t.token_hash = wanted_token_hash for update;
  if token.id is null then return jsonb_build_object('outcome', 'token-unknown'); end if;
  if token.used_at is not null then return jsonb_build_object('outcome', 'token-used'); end if;
  if token.expires_at <= now() then return jsonb_build_object('outcome', 'token-expired'); end if;
  if exists (select from public.agents a where a.organisation_id = token.organisation_id
    and a.machine_id = new_machine_id and a.server_id <> token.server_id) then
    return jsonb_build_object('outcome', 'host-already-enrolled');
  end if;

  update public.enrolment_tokens t set used_at = at where t.id = token.id;
  delete from public.agents a where a.server_id = token.server_id returning a.* into replaced;
  insert into public.agents (id, organisation_id, tenant_id, server_id, public_key, sealing_key, machine_id, hostname,
      agent_version, protocol_version, enrolled_at)
    values (new_agent_id, token.organisation_id, token.tenant_id, token.server_id, new_public_key, new_sealing_key,
      new_machine_id, new_hostname, new_agent_version, new_protocol_version, at);
  update public.servers s set enrolment_state = 'enrolled', gateway_id = null where s.id = token.server_id
    returning s.name into server_name;

  if replaced.machine_id <> new_machine_id then
    -- Another machine holds nothing of what the one before it held: not the stack, not the directory, not the keys.
    update public.servers s set facts = null, facts_at = null, observed = null, observed_at = null, has_drift = false,
      install_requested_at = null, applied_revision = 0, applied_directory_epoch = 0, applied_directory_revision = 0
      where s.id = token.server_id;
    -- reported_at stays, so that a key that is gone can be told from one that was never made.
    update public.dkim_keys k set public_key = null where k.server_id = token.server_id;
  end if;
  return jsonb_build_object('outcome', 'enrolled', 'serverId', token.server_id, 'serverName', server_name,
    'organisationId', token.organisation_id, 'tenantId', token.tenant_id,
    'replaced', case when replaced.id is null then null else jsonb_build_object('id', replaced.id,
      'hostname', replaced.hostname, 'machineId', replaced.machine_id) end);
end
$$;

-- Locks an agent and its server out until it is enrolled again. Returns the server's name and who held its connection.
create function quarantine_agent(wanted_id uuid, at timestamptz) returns table (server_name text, held_by uuid)
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  update public.agents a set quarantined_at = at where a.id = wanted_id and a.quarantined_at is null;
  return query
    with held as (
      select s.id, s.name, s.gateway_id from public.servers s
      join public.agents a on a.server_id = s.id where a.id = wanted_id for no key update of s)
    update public.servers s set enrolment_state = 'quarantined', gateway_id = null
      from held where s.id = held.id returning held.name, held.gateway_id;
end
$$;

do $$
declare
  signature text;
begin
  grant create on schema public to mailstead_enrolment;
  foreach signature in array array[
    'enrol_agent(text, uuid, text, text, text, text, text, integer, timestamptz)',
    'quarantine_agent(uuid, timestamptz)'] loop
    execute format('alter function public.%s owner to mailstead_enrolment', signature);
    execute format('revoke all on function public.%s from public', signature);
    execute format('grant execute on function public.%s to mailstead_gateway, mailstead_system', signature);
  end loop;
  revoke create on schema public from mailstead_enrolment;
end
$$;
