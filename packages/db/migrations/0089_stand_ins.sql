-- Servers of which a person says that they take over for each other, such as two relays: rollouts never change two at once.
create table stand_ins (
  server_id uuid primary key,
  organisation_id uuid not null,
  tenant_id uuid not null,
  -- What they are called together; the same name of another customer is another group.
  group_name text not null check (length(group_name) between 1 and 60),
  named_by text not null,
  named_at timestamptz not null,
  foreign key (server_id, tenant_id, organisation_id)
    references servers (id, tenant_id, organisation_id) on delete cascade
);
create index stand_ins_of_group on stand_ins (tenant_id, group_name);
alter table stand_ins enable row level security;
alter table stand_ins force row level security;
create policy system_rows on stand_ins to mailstead_system using (true);
create policy app_rows on stand_ins to mailstead_app
  using (organisation_id = (select current_organisation_id())
    and ((select current_tenant_id()) is null or tenant_id = (select current_tenant_id())));
grant select, insert, update, delete on stand_ins to mailstead_app;
