-- What receivers report of each domain's mail, as the agents of its hosts read it. No address of a person comes here.

-- One part of one report, with its sums. A report that is told twice, by whichever host of the customer's, is stored once.
create table received_reports (
  id uuid primary key,
  organisation_id uuid not null,
  tenant_id uuid not null,
  server_id uuid not null,
  kind text not null check (kind in ('dmarc', 'tls')),
  -- The domain of the customer's that it is about, and the name that the report itself gives.
  domain text not null,
  policy_domain text not null,
  reporter text not null,
  report_id text not null,
  part integer not null,
  begins_at timestamptz not null,
  ends_at timestamptz not null,
  stored_at timestamptz not null,
  -- The DMARC policy, or the kind of the TLS policy, that the receiver found.
  policy text,
  -- Messages and those that pass, or TLS sessions and those that held.
  total bigint not null check (total >= 0),
  passed bigint not null,
  dkim_aligned bigint not null,
  spf_aligned bigint not null,
  unique (id, tenant_id, organisation_id),
  unique (tenant_id, kind, domain, policy_domain, reporter, report_id, begins_at, part),
  foreign key (server_id, tenant_id, organisation_id)
    references servers (id, tenant_id, organisation_id) on delete cascade
);
create index received_reports_domain on received_reports (organisation_id, domain, ends_at);
create index received_reports_age on received_reports (ends_at);

create table dmarc_rows (
  id uuid primary key,
  organisation_id uuid not null,
  tenant_id uuid not null,
  report_id uuid not null,
  domain text not null,
  ends_at timestamptz not null,
  source_ip text,
  messages bigint not null check (messages > 0),
  disposition text not null,
  is_dkim_aligned boolean not null,
  is_spf_aligned boolean not null,
  header_from text,
  dkim jsonb not null,
  spf jsonb,
  reasons jsonb not null,
  foreign key (report_id, tenant_id, organisation_id)
    references received_reports (id, tenant_id, organisation_id) on delete cascade
);
create index dmarc_rows_domain on dmarc_rows (organisation_id, domain, ends_at);
create index dmarc_rows_report on dmarc_rows (report_id);

-- TLS sessions that failed alike.
create table tls_failures (
  id uuid primary key,
  organisation_id uuid not null,
  tenant_id uuid not null,
  report_id uuid not null,
  domain text not null,
  ends_at timestamptz not null,
  type text not null,
  sessions bigint not null,
  sending_ip text,
  receiving_host text,
  reason text,
  foreign key (report_id, tenant_id, organisation_id)
    references received_reports (id, tenant_id, organisation_id) on delete cascade
);
create index tls_failures_domain on tls_failures (organisation_id, domain, ends_at);
create index tls_failures_report on tls_failures (report_id);

-- Complaints, and single messages that did not prove their sender.
create table feedback_reports (
  id uuid primary key,
  organisation_id uuid not null,
  tenant_id uuid not null,
  server_id uuid not null,
  kind text not null check (kind in ('failure', 'complaint')),
  domain text not null,
  type text not null,
  reporter text not null,
  provider text not null,
  reported_at timestamptz not null,
  source_ip text,
  incidents bigint not null check (incidents > 0),
  dkim_domain text,
  dkim_selector text,
  feedback_id text,
  failure text,
  results jsonb not null,
  foreign key (server_id, tenant_id, organisation_id)
    references servers (id, tenant_id, organisation_id) on delete cascade
);
create index feedback_reports_domain on feedback_reports (organisation_id, domain, reported_at);
create index feedback_reports_age on feedback_reports (reported_at);

-- What arrived and was not stored: unread, no report, no room for it, or of a domain that the customer has not here.
create table report_troubles (
  server_id uuid not null,
  day date not null,
  kind text not null check (kind in ('unread', 'other', 'no-room', 'foreign')),
  why text not null,
  organisation_id uuid not null,
  tenant_id uuid not null,
  mails bigint not null check (mails > 0),
  last_at timestamptz not null,
  primary key (server_id, day, kind, why),
  foreign key (server_id, tenant_id, organisation_id)
    references servers (id, tenant_id, organisation_id) on delete cascade
);

do $$
declare
  name text;
begin
  foreach name in array array['received_reports', 'dmarc_rows', 'tls_failures', 'feedback_reports',
    'report_troubles'] loop
    execute format('alter table public.%I enable row level security', name);
    execute format('alter table public.%I force row level security', name);
    execute format($policy$
      create policy app_rows on public.%I to mailstead_app
      using (organisation_id = (select public.current_organisation_id())
        and ((select public.current_tenant_id()) is null or tenant_id = (select public.current_tenant_id())))
    $policy$, name);
    execute format('create policy gateway_rows on public.%I to mailstead_gateway using (true)', name);
    execute format('create policy system_rows on public.%I to mailstead_system using (true)', name);
  end loop;
end
$$;

grant select on received_reports, dmarc_rows, tls_failures, feedback_reports, report_troubles to mailstead_app;
grant insert on received_reports, dmarc_rows, tls_failures, feedback_reports, report_troubles
  to mailstead_gateway, mailstead_system;
-- Whether a report was stored before, and how many troubles of a day there were.
grant select (id, tenant_id, kind, domain, policy_domain, reporter, report_id, begins_at, part) on received_reports
  to mailstead_gateway;
grant select (server_id, day, kind, why, mails, last_at), update (mails, last_at) on report_troubles
  to mailstead_gateway, mailstead_system;
-- A report counts only for a domain of the customer whose host it came to.
grant select (organisation_id, tenant_id) on domains to mailstead_gateway;
-- The worker lets go of old ones, and finds the customers to look after.
grant select (id, organisation_id, tenant_id, kind, domain, policy_domain, reporter, report_id, begins_at, ends_at, part),
  delete on received_reports to mailstead_system;
grant select (id, reported_at), delete on feedback_reports to mailstead_system;
grant delete on report_troubles to mailstead_system;
