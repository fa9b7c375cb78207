-- What each receiver thought of each address that sends and of each domain, day by day, as it was judged. A row is of
-- an address of a server or of a domain. Small, so that a page of a large fleet reads it whole.
create table reputation_days (
  organisation_id uuid not null,
  tenant_id uuid not null,
  server_id uuid,
  -- The address that a server sent from, '' where it is not known; '' with a domain.
  address text not null,
  domain_id uuid,
  -- '' stands for all receivers that no other domain shares.
  provider text not null,
  day date not null,
  reputation text not null check (reputation in ('HIGH', 'MEDIUM', 'LOW', 'BAD', 'UNKNOWN')),
  since timestamptz not null,
  -- The heaviest evidence, for lists; all of it, for the page of one.
  reason text,
  evidence jsonb not null,
  -- Of this day.
  messages bigint not null,
  delivered bigint not null,
  deferred bigint not null,
  refused bigint not null,
  slowed bigint not null,
  blocked bigint not null,
  -- Of all the days that the judgement looks back on.
  judged_messages bigint not null,
  judged_troubled bigint not null,
  check ((server_id is null) <> (domain_id is null)),
  unique nulls not distinct (organisation_id, day, server_id, address, domain_id, provider),
  foreign key (server_id, tenant_id, organisation_id)
    references servers (id, tenant_id, organisation_id) on delete cascade,
  foreign key (domain_id, tenant_id, organisation_id)
    references domains (id, tenant_id, organisation_id) on delete cascade
);
create index reputation_days_server on reputation_days (server_id, day);
create index reputation_days_domain on reputation_days (domain_id, day);

alter table reputation_days enable row level security;
alter table reputation_days force row level security;
create policy app_rows on reputation_days to mailstead_app
  using (organisation_id = (select current_organisation_id())
    and ((select current_tenant_id()) is null or tenant_id = (select current_tenant_id())));
create policy system_rows on reputation_days to mailstead_system using (true);
-- The worker judges each organisation in the web's role, which sees nobody else's: what one fleet has in common can
-- never come from another's.
grant select, insert, update on reputation_days to mailstead_app;
grant select (day), delete on reputation_days to mailstead_system;
