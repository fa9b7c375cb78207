-- Changes that go over many servers in waves, and when servers may be changed at all.

create table rollouts (
  id uuid primary key,
  organisation_id uuid not null references organisations (id) on delete cascade,
  -- Set where it was begun for one customer's servers alone.
  tenant_id uuid,
  kind text not null check (kind in ('packages', 'reboots')),
  title text not null check (length(title) between 1 and 200),
  state text not null check (state in ('running', 'halted', 'stopping', 'rolling-back', 'finished', 'stopped', 'rolled-back')),
  -- Frozen when it started, like its members and what each of them is to get.
  settings jsonb not null,
  choice jsonb not null,
  -- The last wave that may start; 0 is the canary.
  wave integer not null default 0 check (wave >= 0),
  approved_wave integer not null default 0,
  -- How much of what went wrong a person has seen and gone on from.
  forgiven_bad integer not null default 0 check (forgiven_bad >= 0),
  waits_because text,
  -- Set while a person has to say yes to the next wave.
  asks_approval boolean not null default false,
  halted_because text,
  started_by text not null,
  started_at timestamptz not null,
  catch_up_until timestamptz not null,
  look_at timestamptz not null,
  ended_at timestamptz,
  unique (id, organisation_id),
  foreign key (tenant_id, organisation_id) references tenants (id, organisation_id) on delete cascade,
  check ((ended_at is null) = (state in ('running', 'halted', 'stopping', 'rolling-back'))),
  check (state <> 'halted' or halted_because is not null)
);
create index rollouts_due on rollouts (look_at) where ended_at is null;
create index rollouts_of_organisation on rollouts (organisation_id, started_at desc, id);

create table rollout_members (
  rollout_id uuid not null,
  server_id uuid not null,
  organisation_id uuid not null,
  tenant_id uuid not null,
  wave integer not null check (wave >= 0),
  position integer not null check (position >= 0),
  state text not null check (state in ('waiting', 'checking', 'applying', 'verifying', 'baking', 'rechecking',
    'restoring', 'succeeded', 'restored', 'failed', 'unknown', 'left-out')),
  state_since timestamptz not null,
  -- What its last job was for, and the job.
  awaits text check (awaits in ('check', 'apply', 'restore')),
  job_id uuid,
  attempts integer not null default 0,
  deadline_at timestamptz,
  -- When the job is asked for, or when it is tried again.
  not_before timestamptz,
  bake_until timestamptz,
  -- Exactly these versions, each with the one that was there.
  packages jsonb not null,
  -- What it shares with servers that stand in for it.
  keep_apart text[] not null default '{}',
  is_proven boolean not null,
  has_way_back boolean not null,
  -- Why it is not its turn yet; what went wrong.
  waits_because text check (length(waits_because) <= 2000),
  problem text check (length(problem) <= 4000),
  changes jsonb,
  health_before jsonb,
  health_after jsonb,
  -- What each look since the change came to.
  probes jsonb not null default '[]',
  primary key (rollout_id, server_id),
  foreign key (rollout_id, organisation_id) references rollouts (id, organisation_id) on delete cascade,
  foreign key (server_id, tenant_id, organisation_id)
    references servers (id, tenant_id, organisation_id) on delete cascade
);
create index rollout_members_of_server on rollout_members (server_id, rollout_id);
create index rollout_members_by_state on rollout_members (rollout_id, state, wave, position);
create index rollout_members_of_tenant on rollout_members (tenant_id, rollout_id);
-- A server is in the middle of one change at most, whatever is decided beside each other.
create unique index rollout_members_in_flight on rollout_members (server_id)
  where state in ('checking', 'applying', 'verifying', 'restoring');

-- What happened to a rollout as a whole, for its history.
create table rollout_events (
  id uuid primary key,
  rollout_id uuid not null,
  organisation_id uuid not null,
  at timestamptz not null,
  kind text not null check (kind in ('started', 'wave', 'asked-approval', 'approved', 'halted', 'resumed', 'stopping', 'rolling-back', 'left-out', 'ended')),
  sentence text not null check (length(sentence) <= 2000),
  -- Who did it; null where Mailstead did by itself.
  by_name text,
  foreign key (rollout_id, organisation_id) references rollouts (id, organisation_id) on delete cascade
);
create index rollout_events_in_order on rollout_events (rollout_id, id);

-- When a customer's servers may be changed; customers without a row have no limit.
create table maintenance_times (
  tenant_id uuid primary key,
  organisation_id uuid not null,
  time_zone text not null check (length(time_zone) <= 100),
  windows jsonb not null,
  changed_by text not null,
  changed_at timestamptz not null,
  foreign key (tenant_id, organisation_id) references tenants (id, organisation_id) on delete cascade
);

-- Days on which nothing is changed, of one customer or of all.
create table freezes (
  id uuid primary key,
  organisation_id uuid not null references organisations (id) on delete cascade,
  tenant_id uuid,
  from_day date not null,
  until_day date not null check (until_day >= from_day),
  reason text not null check (length(reason) between 1 and 300),
  made_by text not null,
  foreign key (tenant_id, organisation_id) references tenants (id, organisation_id) on delete cascade
);
create index freezes_of_organisation on freezes (organisation_id, until_day);

-- Servers that rollouts leave alone, with the reason, until a day or until somebody takes it back.
create table rollout_exclusions (
  server_id uuid primary key,
  organisation_id uuid not null,
  tenant_id uuid not null,
  reason text not null check (length(reason) between 1 and 300),
  ends_at timestamptz,
  made_by text not null,
  made_at timestamptz not null,
  foreign key (server_id, tenant_id, organisation_id)
    references servers (id, tenant_id, organisation_id) on delete cascade
);

do $$
declare
  name text;
begin
  foreach name in array array['rollouts', 'rollout_members', 'rollout_events', 'maintenance_times', 'freezes', 'rollout_exclusions'] loop
    execute format('alter table public.%I enable row level security', name);
    execute format('alter table public.%I force row level security', name);
    execute format('create policy system_rows on public.%I to mailstead_system using (true)', name);
  end loop;
  foreach name in array array['rollouts', 'rollout_members', 'maintenance_times', 'freezes', 'rollout_exclusions'] loop
    execute format($policy$
      create policy app_rows on public.%I to mailstead_app
      using (organisation_id = (select public.current_organisation_id())
        and ((select public.current_tenant_id()) is null or tenant_id = (select public.current_tenant_id())))
    $policy$, name);
  end loop;
end
$$;
-- What happened as a whole names servers of several customers.
create policy app_rows on rollout_events to mailstead_app
  using (organisation_id = (select current_organisation_id()) and (select current_tenant_id()) is null);

grant select, insert, update on rollouts, rollout_members to mailstead_app;
grant select, insert on rollout_events to mailstead_app;
grant select, insert, update, delete on maintenance_times, freezes, rollout_exclusions to mailstead_app;
grant select (id, organisation_id, look_at, ended_at) on rollouts to mailstead_system;

-- The owner of the fleet names servers that prove a change before others, such as one of their own.
alter table servers add column goes_first boolean not null default false;
grant update (goes_first) on servers to mailstead_app;
