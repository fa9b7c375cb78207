-- Strangers that receivers report as senders in a domain's name, and of whom a person has said that nothing is to be done.

create table settled_sources (
  domain_id uuid not null,
  -- An address, or a service with all its addresses.
  source text not null check (length(source) <= 100),
  organisation_id uuid not null,
  tenant_id uuid not null,
  -- How much of its mail proved nothing then: far more of it is something new.
  failed_per_day double precision not null check (failed_per_day >= 0),
  -- Whether receivers were asked to put such mail aside or to refuse it.
  was_guarded boolean not null,
  settled_by text not null,
  settled_at timestamptz not null,
  primary key (domain_id, source),
  foreign key (domain_id, tenant_id, organisation_id)
    references domains (id, tenant_id, organisation_id) on delete cascade
);

alter table settled_sources enable row level security;
alter table settled_sources force row level security;
create policy app_rows on settled_sources to mailstead_app
  using (organisation_id = (select current_organisation_id())
    and ((select current_tenant_id()) is null or tenant_id = (select current_tenant_id())));
create policy system_rows on settled_sources to mailstead_system using (true);
grant select, insert, delete on settled_sources to mailstead_app;
