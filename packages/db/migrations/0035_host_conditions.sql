-- What hosts tell of themselves that needs somebody, and since when: told to people once it has lasted, and over once it
-- has been gone for as long.
create table host_conditions (
  server_id uuid not null,
  tenant_id uuid not null,
  organisation_id uuid not null,
  -- The key of its finding.
  key text not null,
  -- How bad it is; one that has reached both levels has a row for each.
  level text not null check (level in ('attention', 'trouble')),
  state text not null check (state in ('rising', 'holding', 'falling')),
  since timestamptz not null,
  primary key (server_id, key, level),
  foreign key (server_id, tenant_id, organisation_id)
    references servers (id, tenant_id, organisation_id) on delete cascade
);

alter table host_conditions enable row level security;
alter table host_conditions force row level security;
create policy app_rows on host_conditions to mailstead_app
  using (organisation_id = (select current_organisation_id())
    and ((select current_tenant_id()) is null or tenant_id = (select current_tenant_id())));
grant select, insert, update, delete on host_conditions to mailstead_app;
