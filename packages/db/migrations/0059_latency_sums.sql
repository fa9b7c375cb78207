-- How long the mail of each server took at each receiver, of an hour and of a day: a large server keeps one sketch for each
-- of its domains, and a page that sums a month of them waits a second. What a sum rests on stands with it, so that whoever
-- reads it knows whether more was told since.
create table latency_sums (
  server_id uuid not null,
  period text not null check (period in ('hour', 'day')),
  starts_at timestamptz not null,
  provider text not null,
  organisation_id uuid not null,
  tenant_id uuid not null,
  delivered bigint not null,
  latencies jsonb not null,
  primary key (server_id, period, starts_at, provider),
  foreign key (server_id, tenant_id, organisation_id)
    references servers (id, tenant_id, organisation_id) on delete cascade
);
create index latency_sums_age on latency_sums (organisation_id, period, starts_at);

alter table latency_sums enable row level security;
alter table latency_sums force row level security;
create policy app_rows on latency_sums to mailstead_app
  using (organisation_id = (select current_organisation_id())
    and ((select current_tenant_id()) is null or tenant_id = (select current_tenant_id())));
grant select, insert, update, delete on latency_sums to mailstead_app;
