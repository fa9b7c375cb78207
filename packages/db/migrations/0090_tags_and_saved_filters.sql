-- Short names by which an organisation groups its servers. A tag is there as long as a server bears it.
create table server_tags (
  server_id uuid not null,
  tag text not null check (length(tag) between 1 and 32 and tag !~ '[[:space:][:cntrl:],]'),
  organisation_id uuid not null,
  tenant_id uuid not null,
  primary key (server_id, tag),
  foreign key (server_id, tenant_id, organisation_id)
    references servers (id, tenant_id, organisation_id) on delete cascade
);
create index server_tags_by_tag on server_tags (organisation_id, tag, server_id);

-- Filters of a list under a name: one person's, or shared with all who see what the one who saved it sees.
create table saved_filters (
  id uuid primary key,
  organisation_id uuid not null references organisations (id) on delete cascade,
  -- Set where it was saved by somebody who sees one customer alone.
  tenant_id uuid,
  -- Null where it is shared.
  user_id uuid,
  list text not null check (list in ('servers')),
  name text not null check (length(name) between 1 and 60),
  -- The parameters of the list's address.
  query text not null check (length(query) <= 2000),
  made_by text not null,
  made_at timestamptz not null,
  unique (id, organisation_id),
  foreign key (tenant_id, organisation_id) references tenants (id, organisation_id) on delete cascade,
  foreign key (user_id, organisation_id) references users (id, organisation_id) on delete cascade
);
create unique index saved_filters_by_name on saved_filters
  (organisation_id, list, coalesce(tenant_id, '00000000-0000-0000-0000-000000000000'),
    coalesce(user_id, '00000000-0000-0000-0000-000000000000'), lower(name));
create index saved_filters_of_user on saved_filters (user_id);
create index saved_filters_of_tenant on saved_filters (tenant_id);

-- The filter with which a list opens for a person.
create table default_filters (
  user_id uuid not null,
  list text not null check (list in ('servers')),
  organisation_id uuid not null,
  -- The person's own limit, so that nobody limited to one customer sees what others chose.
  tenant_id uuid,
  filter_id uuid not null,
  primary key (user_id, list),
  foreign key (user_id, organisation_id) references users (id, organisation_id) on delete cascade,
  foreign key (tenant_id, organisation_id) references tenants (id, organisation_id) on delete cascade,
  foreign key (filter_id, organisation_id) references saved_filters (id, organisation_id) on delete cascade
);
create index default_filters_of_filter on default_filters (filter_id);
create index default_filters_of_tenant on default_filters (tenant_id);

do $$
declare
  name text;
begin
  foreach name in array array['server_tags', 'saved_filters', 'default_filters'] loop
    execute format('alter table public.%I enable row level security', name);
    execute format('alter table public.%I force row level security', name);
    execute format('create policy system_rows on public.%I to mailstead_system using (true)', name);
    execute format($policy$
      create policy app_rows on public.%I to mailstead_app
      using (organisation_id = (select public.current_organisation_id())
        and ((select public.current_tenant_id()) is null or tenant_id = (select public.current_tenant_id())))
    $policy$, name);
  end loop;
end
$$;
grant select, insert, update, delete on server_tags, saved_filters, default_filters to mailstead_app;
