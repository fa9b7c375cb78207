-- What a page of a large organisation shows that would take seconds to add up: the worker keeps the answer of the whole
-- organisation, and of each customer with many domains, over each time that may be chosen.
create table kept_answers (
  organisation_id uuid not null references organisations (id) on delete cascade,
  -- Null for all customers together.
  tenant_id uuid,
  question text not null check (question in ('senders', 'encryption')),
  span text not null check (span in ('week', 'month', 'quarter')),
  kept_at timestamptz not null,
  answer jsonb not null,
  unique nulls not distinct (organisation_id, tenant_id, question, span),
  foreign key (tenant_id, organisation_id) references tenants (id, organisation_id) on delete cascade
);
alter table kept_answers enable row level security;
alter table kept_answers force row level security;
create policy app_rows on kept_answers to mailstead_app
  using (organisation_id = (select current_organisation_id())
    and ((select current_tenant_id()) is null or tenant_id = (select current_tenant_id())));
grant select, insert, update, delete on kept_answers to mailstead_app;

-- What came from an address, in the name of whichever domain.
create index dmarc_rows_source on dmarc_rows (organisation_id, source_ip, ends_at);
-- TLS reports are few among all that are received, and a page sums those of every domain.
create index received_reports_tls on received_reports (organisation_id, ends_at)
  include (tenant_id, domain, reporter, policy, part, total, passed) where kind = 'tls';
-- The newest day that a feed told of.
create index feed_days_newest on feed_days (connection_id, day);
-- Days of a server that were told of late are few.
create index summed_days_open on summed_days (organisation_id, kind, starts_at) where not is_whole;
