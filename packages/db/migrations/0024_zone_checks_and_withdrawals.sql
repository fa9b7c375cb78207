-- Hosted zones are looked at without being asked, and what we wrote into zones of others is taken away when it is no longer needed.

-- ---------------------------------------------------------------- checks of hosted zones

alter table zones add column next_check_at timestamptz;
grant select (next_check_at) on zones to mailstead_system;

alter table check_findings add column zone_id uuid;
alter table check_findings add foreign key (zone_id, tenant_id, organisation_id)
  references zones (id, tenant_id, organisation_id) on delete cascade;
alter table check_findings drop constraint check_findings_check;
alter table check_findings add constraint check_findings_subject
  check (num_nonnulls(domain_id, server_id, zone_id) = 1);
drop index check_findings_open;
create unique index check_findings_open on check_findings (coalesce(domain_id, server_id, zone_id), key)
  where closed_at is null;

-- ---------------------------------------------------------------- records that leave

-- A removed domain's DKIM keys stay in its zone until then, for mail that is still on its way.
alter table zone_records add column leaves_at timestamptz;
alter table zone_records drop constraint zone_records_check;
alter table zone_records add constraint zone_records_domain_or_own
  check ((domain_id is null) = (purpose is null) or leaves_at is not null);

-- One row for each piece of work: values of ours that are to be taken out of zones of DNS providers.
create table dns_withdrawals (
  id uuid primary key,
  organisation_id uuid not null,
  tenant_id uuid not null,
  -- Whose records they are. The domain may be gone by now.
  domain_id uuid not null,
  domain_name text not null,
  -- Through this connection alone, which may be everybody's, and which goes with the last of its withdrawals.
  connection_id uuid,
  -- failed: nothing more is tried until a person says so.
  state text not null default 'waiting' check (state in ('waiting', 'failed')),
  problem text,
  attempts integer not null default 0,
  next_attempt_at timestamptz not null,
  requested_by text not null,
  requested_by_id uuid,
  created_at timestamptz not null,
  -- Until then a worker has it in hand.
  claimed_until timestamptz,
  unique (id, tenant_id, organisation_id),
  foreign key (tenant_id, organisation_id) references tenants (id, organisation_id) on delete cascade
);
create index dns_withdrawals_due on dns_withdrawals (next_attempt_at) where state = 'waiting';
create index dns_withdrawals_connection on dns_withdrawals (connection_id);

-- Null: the domain is gone, and the value is still ours to replace or to take away.
alter table dns_published_records alter column domain_id drop not null;
alter table dns_published_records add foreign key (tenant_id, organisation_id)
  references tenants (id, organisation_id) on delete cascade;
alter table dns_published_records add column withdrawal_id uuid;
alter table dns_published_records add foreign key (withdrawal_id, tenant_id, organisation_id)
  references dns_withdrawals (id, tenant_id, organisation_id) on delete set null (withdrawal_id);
create index dns_published_records_withdrawal on dns_published_records (withdrawal_id) where withdrawal_id is not null;

-- While it is being removed, only what takes its records away still uses a connection.
alter table dns_connections add column leaving_since timestamptz;

alter table dns_withdrawals enable row level security;
alter table dns_withdrawals force row level security;
create policy system_rows on dns_withdrawals to mailstead_system using (true);
create policy app_rows on dns_withdrawals to mailstead_app
  using (organisation_id = (select public.current_organisation_id())
    and ((select public.current_tenant_id()) is null or tenant_id = (select public.current_tenant_id())));

grant select, insert, delete, update (state, next_attempt_at) on dns_withdrawals to mailstead_app;
grant select, delete, update (state, problem, attempts, next_attempt_at, claimed_until) on dns_withdrawals to mailstead_system;
-- Which values are ours is for the worker to say; whose they are and that they leave, for people.
grant update (domain_id, withdrawal_id) on dns_published_records to mailstead_app, mailstead_system;
grant select (leaving_since), update (leaving_since) on dns_connections to mailstead_app;
grant delete on dns_connections to mailstead_system;
