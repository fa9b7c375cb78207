-- A machine that another one took the place of has signed mail that may be on its way. The public halves of its keys
-- stay known, so that their records go on standing, and are revoked and taken away like any other's.

grant select (reported_at, private_key_gone_at) on dkim_keys to mailstead_enrolment;

-- Row level security is forced on the owner too, who would find no row.
alter table dkim_keys no force row level security;
update dkim_keys set private_key_gone_at = now()
  where public_key is null and reported_at is not null and private_key_gone_at is null and state in ('waiting', 'signing');
alter table dkim_keys force row level security;

create or replace function enrol_agent(wanted_token_hash text, new_agent_id uuid, new_public_key text,
  new_sealing_key text, new_machine_id text, new_hostname text, new_agent_version text, new_protocol_version integer,
  at timestamptz)
  returns jsonb
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  token public.enrolment_tokens;
  replaced public.agents;
  server_name text;
  held_by uuid;
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
  select s.gateway_id into held_by from public.servers s where s.id = token.server_id for no key update;
  update public.servers s set enrolment_state = 'enrolled', gateway_id = null where s.id = token.server_id
    returning s.name into server_name;

  if replaced.machine_id <> new_machine_id then
    -- Another machine holds nothing of what the one before it held: not the stack, not the directory, not the keys.
    update public.servers s set facts = null, facts_at = null, observed = null, observed_at = null, has_drift = false,
      install_requested_at = null, applied_revision = 0, applied_directory_epoch = 0, applied_directory_revision = 0
      where s.id = token.server_id;
    -- Keys that were never made are the new machine's to make; what it replaces is planned anew when it is installed.
    update public.dkim_keys k set private_key_gone_at = at
      where k.server_id = token.server_id and k.private_key_gone_at is null
        and (k.state in ('retiring', 'revoked') or (k.state in ('waiting', 'signing') and k.reported_at is not null));
  end if;
  return jsonb_build_object('outcome', 'enrolled', 'serverId', token.server_id, 'serverName', server_name,
    'organisationId', token.organisation_id, 'tenantId', token.tenant_id, 'heldBy', held_by,
    'replaced', case when replaced.id is null then null else jsonb_build_object('id', replaced.id,
      'hostname', replaced.hostname, 'machineId', replaced.machine_id) end);
end
$$;
