-- What is done for a time about providers that slow a server's mail down or refuse it, and how far the warm-up of a new
-- sending address has come. Both stand in the target state of the server as well; these rows say why, and until when.

create table measures (
  id uuid primary key,
  organisation_id uuid not null,
  tenant_id uuid not null,
  server_id uuid not null,
  kind text not null check (kind in ('back-off', 'throttle', 'relay', 'prefer-ipv4')),
  provider text not null,
  -- Null where the kind says nothing of how much.
  limits jsonb,
  reason text not null,
  started_by text not null,
  -- Started without a person, because the provider had blocked the server.
  is_automatic boolean not null default false,
  started_at timestamptz not null,
  -- When its limits were last changed.
  stepped_at timestamptz not null,
  ends_at timestamptz not null,
  is_prolonged boolean not null default false,
  -- When the worker looks after it next.
  look_at timestamptz not null,
  ended_at timestamptz,
  end_because text check (end_because in ('accepted', 'expired', 'person')),
  check ((ended_at is null) = (end_because is null)),
  foreign key (server_id, tenant_id, organisation_id)
    references servers (id, tenant_id, organisation_id) on delete cascade
);
create unique index measures_in_force on measures (server_id, provider, kind) where ended_at is null;
create index measures_due on measures (look_at) where ended_at is null;
create index measures_server on measures (server_id, started_at desc);

create table warm_ups (
  id uuid primary key,
  organisation_id uuid not null,
  tenant_id uuid not null,
  server_id uuid not null,
  address text not null,
  -- One for each provider.
  tracks jsonb not null,
  is_paused boolean not null default false,
  started_by text not null,
  started_at timestamptz not null,
  look_at timestamptz not null,
  ended_at timestamptz,
  end_because text check (end_because in ('done', 'person')),
  check ((ended_at is null) = (end_because is null)),
  foreign key (server_id, tenant_id, organisation_id)
    references servers (id, tenant_id, organisation_id) on delete cascade
);
create unique index warm_ups_running on warm_ups (server_id, address) where ended_at is null;
create index warm_ups_due on warm_ups (look_at) where ended_at is null;

do $$
declare
  name text;
begin
  foreach name in array array['measures', 'warm_ups'] loop
    execute format('alter table public.%I enable row level security', name);
    execute format('alter table public.%I force row level security', name);
    execute format($policy$
      create policy app_rows on public.%I to mailstead_app
      using (organisation_id = (select public.current_organisation_id())
        and ((select public.current_tenant_id()) is null or tenant_id = (select public.current_tenant_id())))
    $policy$, name);
    execute format('create policy system_rows on public.%I to mailstead_system using (true)', name);
  end loop;
end
$$;

grant select, insert, update on measures, warm_ups to mailstead_app;
-- The worker finds what is due; what follows is done in the context of the organisation.
grant select (id, organisation_id, server_id, look_at, ended_at) on measures to mailstead_system;
grant select (id, organisation_id, server_id, look_at, ended_at, is_paused) on warm_ups to mailstead_system;
