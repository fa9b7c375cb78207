-- What the outside world sees of servers, what was found out since when, and the mails that tell of changes.

-- Reports from before findings carried their reason and their fix are read no more; every domain is asked about anew.
-- Row level security is forced on the owner too, who would find no row.
alter table dns_checks no force row level security;
alter table domains no force row level security;
update dns_checks set report = report - 'zones' where report ? 'zones';
update domains set next_check_at = null;
alter table dns_checks force row level security;
alter table domains force row level security;

alter table servers add column next_check_at timestamptz;

create table server_checks (
  id uuid primary key,
  organisation_id uuid not null,
  tenant_id uuid not null,
  server_id uuid not null,
  checked_at timestamptz not null,
  report jsonb not null,
  foreign key (server_id, tenant_id, organisation_id)
    references servers (id, tenant_id, organisation_id) on delete cascade
);
create index server_checks_latest on server_checks (server_id, checked_at desc);

-- One row for as long as a thing is found again by each check. The key makes it the same thing; its words may change.
create table check_findings (
  id uuid primary key,
  organisation_id uuid not null,
  tenant_id uuid not null,
  domain_id uuid,
  server_id uuid,
  key text not null,
  severity text not null check (severity in ('error', 'warning', 'instruction')),
  sentence text not null,
  opened_at timestamptz not null,
  closed_at timestamptz,
  -- When a mail told that it came and that it went; times alone would lose what committed while the mail was written.
  opened_told_at timestamptz,
  closed_told_at timestamptz,
  check (num_nonnulls(domain_id, server_id) = 1),
  foreign key (domain_id, tenant_id, organisation_id)
    references domains (id, tenant_id, organisation_id) on delete cascade,
  foreign key (server_id, tenant_id, organisation_id)
    references servers (id, tenant_id, organisation_id) on delete cascade
);
create unique index check_findings_open on check_findings (coalesce(domain_id, server_id), key) where closed_at is null;
create index check_findings_opened on check_findings (organisation_id, opened_at desc);
create index check_findings_untold on check_findings (organisation_id)
  where (closed_at is null and opened_told_at is null)
    or (closed_at is not null and opened_told_at is not null and closed_told_at is null);
create index check_findings_closed on check_findings (organisation_id, closed_at desc) where closed_at is not null;

alter table users add column wants_check_digest boolean not null default true;
-- When the changes of findings were last told; null before the first mail was due.
alter table organisations add column findings_told_at timestamptz;

-- Mails to people of an organisation. A row is written with what it tells, taken by one worker, and sent once.
create table outgoing_mails (
  id uuid primary key,
  organisation_id uuid not null,
  -- The only customer that the person sees; null for a person of the whole organisation.
  tenant_id uuid,
  user_id uuid not null,
  recipient text not null,
  subject text not null,
  body text not null,
  created_at timestamptz not null,
  -- Nobody else takes it before; a worker that dies leaves it to the next one.
  taken_until timestamptz,
  attempts integer not null default 0,
  sent_at timestamptz,
  -- When it was given up.
  failed_at timestamptz,
  problem text,
  foreign key (user_id, organisation_id) references users (id, organisation_id) on delete cascade,
  foreign key (tenant_id, organisation_id) references tenants (id, organisation_id) on delete cascade
);
create index outgoing_mails_waiting on outgoing_mails (created_at) where sent_at is null and failed_at is null;

do $$
declare
  name text;
begin
  foreach name in array array['server_checks', 'check_findings', 'outgoing_mails'] loop
    execute format('alter table public.%I enable row level security', name);
    execute format('alter table public.%I force row level security', name);
    execute format($policy$
      create policy app_rows on public.%I to mailstead_app
      using (organisation_id = (select public.current_organisation_id())
        and ((select public.current_tenant_id()) is null or tenant_id = (select public.current_tenant_id())))
    $policy$, name);
    execute format('create policy system_rows on public.%I to mailstead_system using (true)', name);
  end loop;
end
$$;

grant select, insert, update, delete on server_checks, check_findings to mailstead_app;
-- What a mail says is read by nobody but the worker that sends it.
grant select (id, organisation_id, tenant_id, user_id, created_at, sent_at, failed_at), insert on outgoing_mails
  to mailstead_app;
grant select, delete, update (taken_until, attempts, sent_at, failed_at, problem) on outgoing_mails
  to mailstead_system;
grant select on server_checks to mailstead_system;
grant select (wants_check_digest), update (wants_check_digest) on users to mailstead_app;
grant update (findings_told_at) on organisations to mailstead_app;
