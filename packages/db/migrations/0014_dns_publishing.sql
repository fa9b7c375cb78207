-- Connections to DNS providers, what we wrote into zones, and the publications that people ask for.

-- ---------------------------------------------------------------- sealing

-- Public halves of the keys that the worker opens secrets with; the newest is sealed for.
create table worker_sealing_keys (
  -- Raw 32-byte X25519 key, base64.
  public_key text primary key,
  -- Belongs to the installation, not to an organisation.
  organisation_id uuid,
  stored_at timestamptz not null
);

-- ---------------------------------------------------------------- connections

create table dns_connections (
  id uuid primary key,
  organisation_id uuid not null references organisations (id) on delete cascade,
  -- Null: for the domains of every customer.
  tenant_id uuid,
  provider text not null check (provider in ('rfc2136', 'powerdns', 'cloudflare', 'route53', 'digitalocean',
    'hetzner', 'desec', 'gandi', 'ovh')),
  label text not null check (length(label) between 1 and 100),
  -- The settings with all credentials, sealed for the worker. The web may write it and never read it.
  box text not null,
  -- [{name, id}] as the provider listed them when it was last asked.
  zones jsonb not null default '[]',
  state text not null default 'testing' check (state in ('testing', 'working', 'failing')),
  problem text,
  test_requested_at timestamptz not null,
  tested_at timestamptz,
  created_at timestamptz not null,
  unique (id, organisation_id),
  foreign key (tenant_id, organisation_id) references tenants (id, organisation_id) on delete cascade
);
create unique index dns_connections_label on dns_connections (organisation_id, lower(label));
create index dns_connections_tenant on dns_connections (tenant_id);

-- ---------------------------------------------------------------- what we wrote

-- One row for each value that we wrote and that nobody has taken away through us; only these may we take away again.
create table dns_published_records (
  id uuid primary key,
  organisation_id uuid not null,
  tenant_id uuid not null,
  domain_id uuid not null,
  zone text not null,
  name text not null,
  type text not null,
  value text not null,
  published_at timestamptz not null,
  foreign key (domain_id, tenant_id, organisation_id)
    references domains (id, tenant_id, organisation_id) on delete cascade
);
-- A value may be longer than an index takes.
create unique index dns_published_records_value on dns_published_records (domain_id, name, type, md5(value));
create index dns_published_records_name on dns_published_records (organisation_id, name);

-- ---------------------------------------------------------------- publications

create table dns_publications (
  id uuid primary key,
  organisation_id uuid not null,
  tenant_id uuid not null,
  domain_id uuid not null,
  state text not null default 'planning'
    check (state in ('planning', 'planned', 'publishing', 'published', 'failed')),
  plan jsonb,
  -- Values of others that the person said may be replaced.
  allowed jsonb not null default '[]',
  -- What went wrong or was left undone, in sentences.
  problem text,
  is_problem_temporary boolean not null default false,
  -- The zone had changed between the look and the word, so what is shown is a new plan.
  has_changed_meanwhile boolean not null default false,
  requested_by text not null,
  requested_by_id uuid,
  created_at timestamptz not null,
  planned_at timestamptz,
  confirmed_at timestamptz,
  ended_at timestamptz,
  -- Until then a worker has it in hand.
  claimed_until timestamptz,
  foreign key (domain_id, tenant_id, organisation_id)
    references domains (id, tenant_id, organisation_id) on delete cascade
);
create index dns_publications_latest on dns_publications (domain_id, created_at desc);
create index dns_publications_open on dns_publications (state) where state in ('planning', 'publishing');

-- ---------------------------------------------------------------- row level security and grants

do $$
declare
  name text;
begin
  foreach name in array array['worker_sealing_keys', 'dns_connections', 'dns_published_records', 'dns_publications'] loop
    execute format('alter table public.%I enable row level security', name);
    execute format('alter table public.%I force row level security', name);
    execute format('create policy system_rows on public.%I to mailstead_system using (true)', name);
  end loop;
  foreach name in array array['dns_connections', 'dns_published_records', 'dns_publications'] loop
    execute format($policy$
      create policy app_rows on public.%I to mailstead_app
      using (organisation_id = (select public.current_organisation_id())
        and ((select public.current_tenant_id()) is null or tenant_id = (select public.current_tenant_id())))
    $policy$, name);
  end loop;
end
$$;

-- The key that every process seals for; null before a worker has ever started. A public key is no secret.
create function current_sealing_key() returns text
  language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select k.public_key from public.worker_sealing_keys k order by k.stored_at desc limit 1;
end;
grant select on worker_sealing_keys to mailstead_sign_in;
create policy sign_in_rows on worker_sealing_keys for select to mailstead_sign_in using (true);
do $$
begin
  grant create on schema public to mailstead_sign_in;
  alter function public.current_sealing_key() owner to mailstead_sign_in;
  revoke all on function public.current_sealing_key() from public;
  grant execute on function public.current_sealing_key() to mailstead_app, mailstead_system;
  revoke create on schema public from mailstead_sign_in;
end
$$;

grant select, insert, update (stored_at) on worker_sealing_keys to mailstead_system;

grant select (id, organisation_id, tenant_id, provider, label, zones, state, problem, test_requested_at, tested_at,
    created_at), insert, delete, update (label, box, state, problem, test_requested_at) on dns_connections to mailstead_app;
grant select, update (zones, state, problem, tested_at) on dns_connections to mailstead_system;

grant select on dns_published_records to mailstead_app;
grant select, insert, delete on dns_published_records to mailstead_system;

-- What a publication may write was decided by the worker, from what it read; a person says yes or no.
grant select, insert, delete, update (state, allowed, confirmed_at) on dns_publications to mailstead_app;
grant select, update (state, plan, problem, is_problem_temporary, has_changed_meanwhile, planned_at, ended_at,
  claimed_until) on dns_publications to mailstead_system;
