-- What providers tell senders of their mail: Google Postmaster Tools, Microsoft SNDS, files from Yahoo.

create table feed_connections (
  id uuid primary key,
  organisation_id uuid not null references organisations (id) on delete cascade,
  -- Null: for the domains and servers of every customer.
  tenant_id uuid,
  kind text not null check (kind in ('google-postmaster', 'snds', 'yahoo')),
  label text not null check (length(label) between 1 and 100),
  -- Whose account it is, as people know it; no secret.
  account text not null,
  -- The credentials, sealed for the worker; null for what a person brings. The web may write it and never read it.
  box text,
  state text not null default 'testing' check (state in ('testing', 'working', 'failing')),
  problem text,
  problem_kind text check (problem_kind in ('temporary', 'permanent')),
  problem_since timestamptz,
  looked_at timestamptz,
  next_look_at timestamptz,
  failures integer not null default 0,
  -- Of Google: whether domains are added there and proven by a record that we publish.
  verifies_domains boolean not null default false,
  -- Of SNDS: when its link was made, and when access to the networks was confirmed last.
  linked_at timestamptz,
  confirmed_at timestamptz,
  -- What SNDS says of our addresses: [{address, reason}] of those that are blocked.
  blocked jsonb not null default '[]',
  created_at timestamptz not null,
  unique (id, organisation_id),
  foreign key (tenant_id, organisation_id) references tenants (id, organisation_id) on delete cascade
);
create unique index feed_connections_label on feed_connections (organisation_id, lower(label));
create index feed_connections_due on feed_connections (next_look_at);
create index feed_connections_tenant on feed_connections (tenant_id);

-- How each domain stands at a provider that wants it verified.
create table feed_domains (
  connection_id uuid not null,
  domain_id uuid not null,
  organisation_id uuid not null,
  tenant_id uuid not null,
  state text not null check (state in ('waiting', 'to-paste', 'refused', 'verified')),
  -- TXT record that proves the domain, while a person is to publish it.
  to_paste text,
  problem text,
  -- What the provider says of its rules: [{requirement, isMet, reason}].
  compliance jsonb not null default '[]',
  looked_at timestamptz not null,
  primary key (connection_id, domain_id),
  foreign key (connection_id, organisation_id) references feed_connections (id, organisation_id) on delete cascade,
  foreign key (domain_id, tenant_id, organisation_id)
    references domains (id, tenant_id, organisation_id) on delete cascade
);
create index feed_domains_domain on feed_domains (domain_id);

-- What was told of one domain or one address on one day; told again, it takes the place of what was told before.
create table feed_days (
  connection_id uuid not null,
  subject text not null,
  day date not null,
  organisation_id uuid not null,
  tenant_id uuid not null,
  -- Exactly one of the two.
  domain_id uuid,
  server_id uuid,
  messages bigint,
  -- Bounds of the share of messages that people marked as spam.
  complaints_lower double precision check (complaints_lower between 0 and 1),
  complaints_upper double precision check (complaints_upper between complaints_lower and 1),
  figures jsonb not null,
  told_at timestamptz not null,
  primary key (connection_id, subject, day),
  check ((domain_id is null) <> (server_id is null)),
  foreign key (connection_id, organisation_id) references feed_connections (id, organisation_id) on delete cascade,
  foreign key (domain_id, tenant_id, organisation_id)
    references domains (id, tenant_id, organisation_id) on delete cascade,
  foreign key (server_id, tenant_id, organisation_id)
    references servers (id, tenant_id, organisation_id) on delete cascade
);
create index feed_days_domain on feed_days (domain_id, day);
create index feed_days_server on feed_days (server_id, day);

do $$
declare
  name text;
begin
  foreach name in array array['feed_connections', 'feed_domains', 'feed_days'] loop
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

grant select (id, organisation_id, tenant_id, kind, label, account, state, problem, problem_kind, problem_since,
    looked_at, next_look_at, failures, verifies_domains, linked_at, confirmed_at, blocked, created_at),
  insert, update, delete on feed_connections to mailstead_app;
grant select, insert, update, delete on feed_domains, feed_days to mailstead_app;

-- The worker finds what is due across organisations, and opens the credentials.
grant select on feed_connections to mailstead_system;
