-- Findings of many servers at once, what people answer to findings, and the channels that they are told through.

-- A finding of the whole organisation is of no customer, and seen by whoever sees all of them.
alter table check_findings alter column tenant_id drop not null;
alter table check_findings drop constraint check_findings_subject;
alter table check_findings add constraint check_findings_subject check (
  (tenant_id is not null and num_nonnulls(domain_id, server_id, zone_id, withdrawn_domain) = 1)
  or (tenant_id is null and num_nonnulls(domain_id, server_id, zone_id, withdrawn_domain) = 0)
);
drop index check_findings_open;
create unique index check_findings_open
  on check_findings (coalesce(domain_id, server_id, zone_id, tenant_id, organisation_id), key) where closed_at is null;
alter table check_findings add foreign key (organisation_id) references organisations (id) on delete cascade;
-- Evidence, owner, steps and measure; the readers parse it.
alter table check_findings add column details jsonb;
-- The event of many servers that tells of this one too.
alter table check_findings add column part_of uuid;
alter table check_findings add constraint check_findings_within unique (id, organisation_id);
alter table check_findings add constraint check_findings_event foreign key (part_of, organisation_id)
  references check_findings (id, organisation_id) on delete set null (part_of);
create index check_findings_part_of on check_findings (part_of) where part_of is not null;
alter table check_findings add column acknowledged_at timestamptz;
alter table check_findings add column acknowledged_by text;
alter table check_findings add column snoozed_until timestamptz;

-- Where quiet hours are read off the clock.
alter table organisations add column time_zone text not null default 'UTC';
grant update (time_zone) on organisations to mailstead_app;

create table alert_channels (
  id uuid primary key,
  organisation_id uuid not null references organisations (id) on delete cascade,
  -- The only customer that it tells of; null for all of the organisation.
  tenant_id uuid,
  name text not null,
  kind text not null check (kind in ('mail', 'webhook')),
  -- Who gets the mail; the host of the webhook. What else its address holds may be a secret.
  target text not null,
  -- Address and secret of a webhook, sealed for the worker.
  box text,
  least_severity text not null check (least_severity in ('error', 'warning', 'instruction')),
  -- Beginnings of keys of findings; none for all.
  key_prefixes text[] not null default '{}',
  quiet_from_minute integer check (quiet_from_minute between 0 and 1439),
  quiet_until_minute integer check (quiet_until_minute between 0 and 1439),
  breaks_through text check (breaks_through in ('error', 'warning', 'instruction')),
  -- Since when nothing is told: a person paused it, or the endpoint said that it is gone.
  stopped_at timestamptz,
  stopped_because text,
  created_at timestamptz not null,
  check ((quiet_from_minute is null) = (quiet_until_minute is null)),
  check ((kind = 'webhook') = (box is not null)),
  unique (id, organisation_id),
  foreign key (tenant_id, organisation_id) references tenants (id, organisation_id) on delete cascade
);
create unique index alert_channels_name on alert_channels (organisation_id, lower(name));

-- What a channel was told came and was not told went. Its difference to what is open is what is to be told.
create table told_findings (
  channel_id uuid not null,
  subject text not null,
  key text not null,
  organisation_id uuid not null,
  tenant_id uuid,
  severity text not null check (severity in ('error', 'warning', 'instruction')),
  sentence text not null,
  subject_name text not null,
  tenant_name text,
  told_at timestamptz not null,
  primary key (channel_id, subject, key),
  constraint told_findings_channel foreign key (channel_id, organisation_id)
    references alert_channels (id, organisation_id) on delete cascade
);

-- Alerts on their way: written with what they tell, taken by one worker by lease, each sent once.
create table alerts (
  id uuid primary key,
  organisation_id uuid not null,
  tenant_id uuid,
  channel_id uuid not null,
  body jsonb not null,
  created_at timestamptz not null,
  due_at timestamptz not null,
  -- Nobody else takes it before; a worker that dies leaves it to the next one.
  taken_until timestamptz,
  attempts integer not null default 0,
  sent_at timestamptz,
  failed_at timestamptz,
  unique (id, organisation_id),
  constraint alerts_channel foreign key (channel_id, organisation_id)
    references alert_channels (id, organisation_id) on delete cascade
);
create index alerts_waiting on alerts (channel_id, created_at) where sent_at is null and failed_at is null;
create index alerts_of_channel on alerts (channel_id, created_at desc);

create table alert_attempts (
  alert_id uuid not null,
  number integer not null,
  organisation_id uuid not null,
  tenant_id uuid,
  at timestamptz not null,
  outcome text not null check (outcome in ('sent', 'temporary', 'permanent')),
  problem text,
  took_ms integer not null,
  primary key (alert_id, number),
  constraint alert_attempts_alert foreign key (alert_id, organisation_id)
    references alerts (id, organisation_id) on delete cascade
);

do $$
declare
  name text;
begin
  foreach name in array array['alert_channels', 'told_findings', 'alerts', 'alert_attempts'] loop
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

grant select, insert, update, delete on alert_channels, told_findings to mailstead_app;
grant select, insert on alerts to mailstead_app;
grant select on alert_attempts to mailstead_app;
grant select, update (stopped_at, stopped_because) on alert_channels to mailstead_system;
grant select, delete, update (due_at, taken_until, attempts, sent_at, failed_at) on alerts to mailstead_system;
grant select, insert on alert_attempts to mailstead_system;
