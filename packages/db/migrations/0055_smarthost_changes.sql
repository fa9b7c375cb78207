-- Smarthosts that a person saved and the server has not tried yet. Mail goes as before until it has, or until somebody
-- says to use them untested.

create table smarthost_changes (
  server_id uuid not null,
  -- Those chosen by who sends, or by who receives.
  concerns text not null check (concerns in ('senders', 'receivers')),
  organisation_id uuid not null,
  tenant_id uuid not null,
  -- The whole list. Its passwords are sealed twice: under the master key, and for the agent of the time.
  wanted jsonb not null,
  -- Each smarthost that is tried, with the job that does so.
  trials jsonb not null,
  -- Why it did not take effect; null while it is being tried.
  problem text,
  requested_by text not null,
  requested_at timestamptz not null,
  primary key (server_id, concerns),
  foreign key (server_id, tenant_id, organisation_id)
    references servers (id, tenant_id, organisation_id) on delete cascade
);
create index smarthost_changes_tried on smarthost_changes (requested_at) where problem is null;

alter table public.smarthost_changes enable row level security;
alter table public.smarthost_changes force row level security;
create policy app_rows on public.smarthost_changes to mailstead_app
  using (organisation_id = (select public.current_organisation_id())
    and ((select public.current_tenant_id()) is null or tenant_id = (select public.current_tenant_id())));
create policy system_rows on public.smarthost_changes to mailstead_system using (true);

grant select, insert, update, delete on smarthost_changes to mailstead_app;
-- The worker finds what is being tried; the rest is done in the context of the organisation.
grant select (server_id, organisation_id, concerns, problem, requested_at) on smarthost_changes to mailstead_system;
