-- What a removed domain left standing is known as its own, a withdrawal keeps what it needs, and one that fails is a finding.

-- ---------------------------------------------------------------- what removed domains left

-- Whose a value was whose domain is gone, and since when: it comes back with that domain, or goes with its connection.
alter table dns_published_records add column former_domain_id uuid;
alter table dns_published_records add column former_domain_name text;
alter table dns_published_records add column left_at timestamptz;

-- Row level security is forced on the owner too, who would find no row.
alter table dns_published_records no force row level security;
alter table dns_withdrawals no force row level security;
update dns_published_records r set former_domain_id = coalesce(w.domain_id, r.id),
    former_domain_name = coalesce(w.domain_name, r.zone), left_at = coalesce(w.created_at, now())
  from dns_published_records own left join dns_withdrawals w on w.id = own.withdrawal_id
  where own.id = r.id and r.domain_id is null;
alter table dns_published_records force row level security;
alter table dns_withdrawals force row level security;

alter table dns_published_records add constraint dns_published_records_whose
  check (domain_id is not null or num_nulls(former_domain_id, former_domain_name, left_at) = 0);
create index dns_published_records_left on dns_published_records (tenant_id, former_domain_name) where domain_id is null;

grant update (former_domain_id, former_domain_name, left_at) on dns_published_records to mailstead_app, mailstead_system;

-- ---------------------------------------------------------------- connections that are still needed

-- A connection that is removed stays for what waits to be taken away through it.
grant update (connection_id) on dns_withdrawals to mailstead_app;

-- ---------------------------------------------------------------- one writer for each zone

-- Who writes into a zone of a provider now. Many providers replace whole sets, so two of ours must never write at once;
-- zones belong to nobody alone, because two organisations may reach the same one.
create table dns_zone_writers (
  zone text primary key,
  -- Of no organisation.
  organisation_id uuid,
  writer uuid not null,
  -- A writer that died leaves the zone to another after this.
  until timestamptz not null
);
alter table dns_zone_writers enable row level security;
alter table dns_zone_writers force row level security;
create policy system_rows on dns_zone_writers to mailstead_system using (true);
grant select, insert, delete, update (writer, until) on dns_zone_writers to mailstead_system;

-- ---------------------------------------------------------------- findings of withdrawals

-- The domain whose records could not be taken away. It may be gone, so it is told by its name.
alter table check_findings add column withdrawn_domain text;
alter table check_findings drop constraint check_findings_subject;
alter table check_findings add constraint check_findings_subject
  check (num_nonnulls(domain_id, server_id, zone_id, withdrawn_domain) = 1);
drop index check_findings_open;
-- The key of such a finding names its withdrawal.
create unique index check_findings_open on check_findings (coalesce(domain_id, server_id, zone_id, tenant_id), key)
  where closed_at is null;
alter table check_findings add foreign key (tenant_id, organisation_id)
  references tenants (id, organisation_id) on delete cascade;
