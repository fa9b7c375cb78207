-- Zones that servers of the fleet answer for: one is the primary, which signs, and the other follows it.

create table zones (
  id uuid primary key,
  organisation_id uuid not null,
  tenant_id uuid not null,
  -- Lower case A-labels, ready for DNS and configuration files.
  name text not null check (name = lower(name)),
  -- What the primary reported of its keys: the digests for the zone above, and the keys themselves.
  signers jsonb,
  public_keys jsonb,
  keys_reported_at timestamptz,
  -- When the planned records of its domains were last brought in step, so that the longest waiting comes first.
  planned_at timestamptz,
  -- What was last written into the target states, so that an unchanged zone costs no look at them.
  written_digest text,
  checked_at timestamptz,
  -- What the world showed then.
  check_report jsonb,
  created_at timestamptz not null,
  unique (id, tenant_id, organisation_id),
  foreign key (tenant_id, organisation_id) references tenants (id, organisation_id)
);
create unique index zones_name on zones (organisation_id, name);
create index zones_tenant on zones (tenant_id);
create index zones_planned on zones (planned_at);

create table zone_servers (
  zone_id uuid not null,
  server_id uuid not null,
  organisation_id uuid not null,
  tenant_id uuid not null,
  role text not null check (role in ('primary', 'secondary')),
  -- Under which name the zone knows this server.
  name_server text not null check (name_server = lower(name_server)),
  -- The agent's key that the transfer secret was sealed for.
  sealed_for text not null,
  created_at timestamptz not null,
  primary key (zone_id, role),
  unique (zone_id, server_id),
  foreign key (zone_id, tenant_id, organisation_id)
    references zones (id, tenant_id, organisation_id) on delete cascade,
  foreign key (server_id, tenant_id, organisation_id) references servers (id, tenant_id, organisation_id)
);
create index zone_servers_server on zone_servers (server_id);

-- Transfer secrets sealed with the master key, so that they can be sealed again for a host that was set up anew.
create table zone_secrets (
  zone_id uuid primary key,
  organisation_id uuid not null,
  tenant_id uuid not null,
  box text not null,
  foreign key (zone_id, tenant_id, organisation_id)
    references zones (id, tenant_id, organisation_id) on delete cascade
);

create table zone_records (
  id uuid primary key,
  organisation_id uuid not null,
  tenant_id uuid not null,
  zone_id uuid not null,
  -- The domain that a record was planned for; null for what people wrote themselves.
  domain_id uuid,
  -- What a planned record is for.
  purpose text,
  -- True for what the domain's plan brought, and what therefore goes with it; false for what was asked for by itself.
  is_from_plan boolean not null default false,
  name text not null check (name = lower(name)),
  type text not null,
  ttl_seconds integer not null check (ttl_seconds > 0),
  value text not null,
  created_at timestamptz not null,
  check ((domain_id is null) = (purpose is null)),
  foreign key (zone_id, tenant_id, organisation_id)
    references zones (id, tenant_id, organisation_id) on delete cascade,
  foreign key (domain_id, tenant_id, organisation_id)
    references domains (id, tenant_id, organisation_id) on delete cascade
);
-- Values may be longer than what an index takes.
create unique index zone_records_once on zone_records (zone_id, name, type, md5(value), (domain_id is null));
create index zone_records_domain on zone_records (domain_id);

do $$
declare
  name text;
begin
  foreach name in array array['zones', 'zone_servers', 'zone_secrets', 'zone_records'] loop
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

grant select, insert, update, delete on zones, zone_servers, zone_secrets, zone_records to mailstead_app;

-- The worker only finds whose turn it is; the work is done in the context of the organisation.
create policy system_rows on zones to mailstead_system using (true);
grant select (id, organisation_id, planned_at) on zones to mailstead_system;

create policy gateway_rows on zones to mailstead_gateway using (true);
create policy gateway_rows on zone_servers to mailstead_gateway using (true);
grant select (id, name, signers, public_keys), update (signers, public_keys, keys_reported_at) on zones to mailstead_gateway;
grant select (zone_id, server_id, role) on zone_servers to mailstead_gateway;
