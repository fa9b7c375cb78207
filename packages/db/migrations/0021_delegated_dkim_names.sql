-- DKIM names that a customer hands over once by alias, and behind which keys take turns in a zone of the organisation's.

alter table organisations
  -- The name below which delegated names lie, in a zone that is hosted here or reached through a DNS connection.
  add column dkim_zone text check (dkim_zone = lower(dkim_zone));
grant update (dkim_zone) on organisations to mailstead_app;

alter table domains
  -- Below which name those of this domain lie; null while its keys stand in its own zone. A change of the organisation's
  -- zone leaves it as it is, because the customer's aliases lead here.
  add column dkim_delegated_to text check (dkim_delegated_to = lower(dkim_delegated_to));

alter table domain_servers
  -- Counts the servers of a domain whose names were handed over, so that each keeps its own names.
  add column dkim_place integer check (dkim_place > 0);
create unique index domain_servers_dkim_place on domain_servers (domain_id, dkim_place);

alter table dkim_keys
  -- The selector of its signatures, and the name at which its record stands, when those are delegated names.
  add column signs_as text,
  add column published_at_name text,
  -- Another key stood under that name before, so resolvers may remember that one.
  add column is_name_reused boolean not null default false,
  -- When its signatures stopped counting: it was revoked, or its host was lost.
  add column ended_at timestamptz,
  add check ((signs_as is null) = (published_at_name is null));
create index dkim_keys_published_at_name on dkim_keys (published_at_name) where published_at_name is not null;

-- A rotation that only brings old keys to their end leaves room for the next one.
drop index dkim_rotations_open;
create unique index dkim_rotations_open on dkim_rotations (domain_id)
  where step not in ('retiring', 'revoking', 'destroying', 'done');
create index dkim_rotations_ending on dkim_rotations (domain_id) where step <> 'done';

alter table domains drop constraint domains_rotation_interval_days_check;
alter table domains add constraint domains_rotation_interval_days_check
  check (rotation_interval_days between 30 and 730);

-- The zone that delegated names lie in is the organisation's and carries keys of every customer's domains.
alter table domains add constraint domains_id_organisation unique (id, organisation_id);
alter table zone_records drop constraint zone_records_domain_id_tenant_id_organisation_id_fkey;
alter table zone_records add constraint zone_records_of_domain
  foreign key (domain_id, organisation_id) references domains (id, organisation_id) on delete cascade;
-- Whoever acts for one customer still names no domain of another.
create policy own_domains on zone_records as restrictive to mailstead_app using (true)
  with check ((select public.current_tenant_id()) is null or domain_id is null
    or exists (select from public.domains d where d.id = domain_id));
