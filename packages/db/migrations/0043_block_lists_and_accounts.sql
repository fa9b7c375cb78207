-- What block lists say of each host, by its own resolver, and mailboxes that send unlike themselves.

-- How the organisation's hosts may ask Spamhaus.
create table block_list_settings (
  organisation_id uuid primary key references organisations (id) on delete cascade,
  spamhaus text not null check (spamhaus in ('none', 'public', 'key')),
  -- The key of the Data Query Service under the master key.
  box text,
  -- Grows with each change, so that hosts that were told an older one are found.
  version integer not null,
  changed_at timestamptz not null,
  check ((spamhaus = 'key') = (box is not null))
);

-- How far each host has come: what it was told, and what it has told.
create table block_list_hosts (
  server_id uuid primary key,
  organisation_id uuid not null,
  tenant_id uuid not null,
  -- Which settings its target state has, and for whose key they were sealed there.
  settings_version integer not null default 0,
  sealed_for text,
  -- The last round that was told whole; what was asked about before it only is not asked any more.
  round_at timestamptz,
  -- The round of which the findings are.
  judged_at timestamptz,
  foreign key (server_id, tenant_id, organisation_id)
    references servers (id, tenant_id, organisation_id) on delete cascade
);

create table block_list_entries (
  server_id uuid not null,
  list text not null,
  -- An address, a network or a name.
  subject text not null,
  organisation_id uuid not null,
  tenant_id uuid not null,
  state text not null check (state in ('clear', 'listed', 'unknown')),
  since timestamptz not null,
  -- The last answer that could be believed.
  seen_at timestamptz,
  asked_at timestamptz not null,
  codes jsonb not null,
  text text,
  problem text,
  primary key (server_id, list, subject),
  foreign key (server_id, tenant_id, organisation_id)
    references servers (id, tenant_id, organisation_id) on delete cascade
);

-- What came onto lists and went from them.
create table block_list_changes (
  id uuid primary key,
  organisation_id uuid not null,
  tenant_id uuid not null,
  server_id uuid not null,
  list text not null,
  subject text not null,
  change text not null check (change in ('listed', 'clear')),
  codes jsonb not null,
  text text,
  changed_at timestamptz not null,
  foreign key (server_id, tenant_id, organisation_id)
    references servers (id, tenant_id, organisation_id) on delete cascade
);
create index block_list_changes_of on block_list_changes (server_id, changed_at);

-- Mailboxes of a host that send unlike themselves or are held. Only the customer's own addresses stand here.
create table account_alerts (
  server_id uuid not null,
  address text not null,
  organisation_id uuid not null,
  tenant_id uuid not null,
  -- Null once it sends as usual again.
  certainty text check (certainty in ('possible', 'high')),
  signs jsonb not null,
  suspicious_since timestamptz,
  held_by text check (held_by in ('agent', 'person')),
  held_since timestamptz,
  messages_held integer not null default 0,
  told_at timestamptz not null,
  judged_at timestamptz,
  primary key (server_id, address),
  check ((certainty is null) = (suspicious_since is null)),
  check ((held_by is null) = (held_since is null)),
  foreign key (server_id, tenant_id, organisation_id)
    references servers (id, tenant_id, organisation_id) on delete cascade
);

do $$
declare
  name text;
begin
  foreach name in array array['block_list_settings', 'block_list_hosts', 'block_list_entries', 'block_list_changes',
    'account_alerts'] loop
    execute format('alter table public.%I enable row level security', name);
    execute format('alter table public.%I force row level security', name);
    execute format('create policy system_rows on public.%I to mailstead_system using (true)', name);
    if name <> 'block_list_settings' then
      execute format($policy$
        create policy app_rows on public.%I to mailstead_app
        using (organisation_id = (select public.current_organisation_id())
          and ((select public.current_tenant_id()) is null or tenant_id = (select public.current_tenant_id())))
      $policy$, name);
      execute format('create policy gateway_rows on public.%I to mailstead_gateway using (true)', name);
    end if;
  end loop;
end
$$;
create policy app_rows on block_list_settings to mailstead_app
  using (organisation_id = (select current_organisation_id()) and (select current_tenant_id()) is null);

grant select, insert, update on block_list_settings to mailstead_app;
grant select (organisation_id, version) on block_list_settings to mailstead_system;
grant select, insert, update on block_list_hosts to mailstead_app;
grant select, delete on block_list_entries, account_alerts to mailstead_app;
grant select on block_list_changes to mailstead_app;
grant update (judged_at) on account_alerts to mailstead_app;
grant select (server_id, round_at), insert, update (round_at) on block_list_hosts to mailstead_gateway;
grant select, insert, update on block_list_entries, account_alerts to mailstead_gateway;
grant insert on block_list_changes to mailstead_gateway;
-- The worker finds what is to be done, and tells the demo fleet's lists and accounts.
grant select, insert, update on block_list_hosts, block_list_entries, account_alerts to mailstead_system;
grant insert, delete on block_list_changes to mailstead_system;
grant select (id, changed_at) on block_list_changes to mailstead_system;
