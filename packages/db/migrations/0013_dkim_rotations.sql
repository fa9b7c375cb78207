-- A key's life: waiting, signing, retiring, revoked, destroyed. It says more than whether the key signs.
alter table dkim_keys
  add column state text not null default 'waiting'
    check (state in ('waiting', 'signing', 'retiring', 'revoked', 'destroyed')),
  -- The rotation that brought the key, and the one that ends it; the first keys of a server came with none.
  add column made_by uuid,
  add column replaced_by uuid,
  -- Since when every look found it on all authoritative servers.
  add column shown_since timestamptz,
  -- When the private half went: it was destroyed, or its host was lost.
  add column private_key_gone_at timestamptz;

-- Row level security is forced on the owner too, who would find no row.
alter table dkim_keys no force row level security;
update dkim_keys set state = 'signing' where is_signing;
alter table dkim_keys force row level security;
alter table dkim_keys drop column is_signing;

alter table domains
  -- Null is off: the keys are rotated by hand only.
  add column rotation_interval_days integer default 90 check (rotation_interval_days between 45 and 730),
  -- Null until the worker has worked it out from the interval.
  add column next_rotation_at timestamptz;
create index domains_next_rotation on domains (next_rotation_at) where rotation_interval_days is not null;

create table dkim_rotations (
  id uuid primary key,
  organisation_id uuid not null,
  tenant_id uuid not null,
  domain_id uuid not null,
  kind text not null check (kind in ('scheduled', 'by-hand', 'compromise')),
  course text not null default 'forward' check (course in ('forward', 'back', 'cancelled')),
  step text not null check (step in ('generating', 'publishing', 'propagating', 'waiting-caches', 'verifying', 'switching',
    'watching', 'retiring', 'revoking', 'destroying', 'done')),
  step_since timestamptz not null,
  started_at timestamptz not null,
  started_by text not null,
  -- Why it went back, was cancelled or was cut short by another one.
  reason text,
  ended_at timestamptz,
  outcome text check (outcome in ('finished', 'went-back', 'cancelled', 'superseded')),
  cache_wait_ms bigint not null,
  timing jsonb not null,
  -- What each server was told and has proven, and what came of publishing.
  progress jsonb not null,
  waits_for text not null,
  waits_until timestamptz,
  alarm text,
  alarm_since timestamptz,
  look_again_at timestamptz not null,
  -- Nobody else looks after it before then. A worker that died leaves it to the next one.
  leased_until timestamptz,
  unique (id, tenant_id, organisation_id),
  check ((step = 'done') = (ended_at is not null) and (step = 'done') = (outcome is not null)),
  foreign key (domain_id, tenant_id, organisation_id)
    references domains (id, tenant_id, organisation_id) on delete cascade
);
-- Never two rotations of a domain at once, whoever starts them.
create unique index dkim_rotations_open on dkim_rotations (domain_id) where step <> 'done';
create index dkim_rotations_domain on dkim_rotations (domain_id, started_at desc);
create index dkim_rotations_due on dkim_rotations (look_again_at) where step <> 'done';

-- The proof of a rotation, step by step: who was asked, what they answered, and what followed.
create table dkim_rotation_events (
  rotation_id uuid not null,
  number integer not null,
  organisation_id uuid not null,
  tenant_id uuid not null,
  at timestamptz not null,
  step text not null,
  kind text not null,
  actor_name text not null,
  sentence text not null,
  evidence jsonb,
  primary key (rotation_id, number),
  foreign key (rotation_id, tenant_id, organisation_id)
    references dkim_rotations (id, tenant_id, organisation_id) on delete cascade
);

do $$
declare
  name text;
begin
  foreach name in array array['dkim_rotations', 'dkim_rotation_events'] loop
    execute format('alter table public.%I enable row level security', name);
    execute format('alter table public.%I force row level security', name);
    execute format($policy$
      create policy app_rows on public.%I to mailstead_app
      using (organisation_id = (select public.current_organisation_id())
        and ((select public.current_tenant_id()) is null or tenant_id = (select public.current_tenant_id())))
    $policy$, name);
  end loop;
end
$$;
create policy system_rows on dkim_rotations to mailstead_system using (true);

grant select, insert, update on dkim_rotations to mailstead_app;
-- Append only: nobody holds update or delete.
grant select, insert on dkim_rotation_events to mailstead_app;
-- The worker finds what is due, and looks after it in the web's role.
grant select (id, organisation_id, domain_id, step, look_again_at, leased_until) on dkim_rotations to mailstead_system;
grant select (state, private_key_gone_at) on dkim_keys to mailstead_gateway;
grant select (state), update (private_key_gone_at) on dkim_keys to mailstead_enrolment;

-- A machine that was lost took the private halves of ended keys too, whose records must go on saying what they say.
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
    -- reported_at stays, so that a key that is gone can be told from one that was never made.
    update public.dkim_keys k set public_key = null
      where k.server_id = token.server_id and k.state in ('waiting', 'signing');
    update public.dkim_keys k set private_key_gone_at = at
      where k.server_id = token.server_id and k.state in ('retiring', 'revoked');
  end if;
  return jsonb_build_object('outcome', 'enrolled', 'serverId', token.server_id, 'serverName', server_name,
    'organisationId', token.organisation_id, 'tenantId', token.tenant_id, 'heldBy', held_by,
    'replaced', case when replaced.id is null then null else jsonb_build_object('id', replaced.id,
      'hostname', replaced.hostname, 'machineId', replaced.machine_id) end);
end
$$;
