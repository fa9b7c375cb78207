-- Customers whose servers are updated without a press: which updates, and for how many days canaries have them first.
create table patch_policies (
  tenant_id uuid primary key,
  organisation_id uuid not null,
  updates text not null check (updates in ('security', 'all')),
  canary_days integer not null check (canary_days between 0 and 30),
  changed_by text not null,
  changed_at timestamptz not null,
  foreign key (tenant_id, organisation_id) references tenants (id, organisation_id) on delete cascade
);
alter table patch_policies enable row level security;
alter table patch_policies force row level security;
create policy system_rows on patch_policies to mailstead_system using (true);
create policy app_rows on patch_policies to mailstead_app
  using (organisation_id = (select current_organisation_id())
    and ((select current_tenant_id()) is null or tenant_id = (select current_tenant_id())));
grant select, insert, update, delete on patch_policies to mailstead_app;
grant select (organisation_id) on patch_policies to mailstead_system;

-- Which policy started it, such as `security after 3 days`; null where a person did.
alter table rollouts add column policy text check (length(policy) <= 100);
create index rollouts_of_policy on rollouts (organisation_id, policy) where policy is not null and ended_at is null;
