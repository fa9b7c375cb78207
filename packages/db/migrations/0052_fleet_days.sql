-- What became of each day's mail at each receiver, of one customer's servers and of all of an organisation's: the judged
-- days of every server are half a million rows in a quarter, and a page of the fleet shows a few hundred sums of them.
create table fleet_days (
  organisation_id uuid not null references organisations (id) on delete cascade,
  -- Null for the servers of all customers together.
  tenant_id uuid,
  day date not null,
  provider text not null,
  messages bigint not null,
  delivered bigint not null,
  deferred bigint not null,
  refused bigint not null,
  slowed bigint not null,
  blocked bigint not null,
  -- How many senders sent, and how many of them were blocked or clearly slowed.
  senders integer not null,
  held_senders integer not null,
  unique nulls not distinct (organisation_id, tenant_id, day, provider),
  foreign key (tenant_id, organisation_id) references tenants (id, organisation_id) on delete cascade
);

alter table fleet_days enable row level security;
alter table fleet_days force row level security;
create policy app_rows on fleet_days to mailstead_app
  using (organisation_id = (select current_organisation_id())
    and ((select current_tenant_id()) is null or tenant_id = (select current_tenant_id())));
create policy system_rows on fleet_days to mailstead_system using (true);
grant select, insert, update, delete on fleet_days to mailstead_app;
grant select (day), delete on fleet_days to mailstead_system;

-- Days that were judged before are summed here once. Row level security is forced on the owner too, who would find no row.
alter table reputation_days no force row level security;
alter table fleet_days no force row level security;
insert into fleet_days
select organisation_id, tenant_id, day, provider, sum(messages), sum(delivered), sum(deferred), sum(refused), sum(slowed), sum(blocked),
  count(*) filter (where messages > 0), count(*) filter (where blocked > 0 or (slowed >= 3 and slowed > messages * 0.02))
from reputation_days where server_id is not null
group by grouping sets ((organisation_id, tenant_id, day, provider), (organisation_id, day, provider));
alter table fleet_days force row level security;
alter table reputation_days force row level security;
