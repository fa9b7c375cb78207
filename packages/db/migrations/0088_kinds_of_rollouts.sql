-- Rollouts that bring agents and configurations, beside packages and restarts.
alter table rollouts drop constraint rollouts_kind_check;
alter table rollouts add constraint rollouts_kind_check
  check (kind in ('packages', 'reboots', 'agents', 'configurations'));

-- The release that a rollout of agents brings, frozen when it started.
alter table rollouts add column agent_release jsonb;
alter table rollouts add constraint rollouts_agent_release_check check ((kind = 'agents') = (agent_release is not null));

-- The revision that a server is to be at, frozen like its packages, and the files that changed there.
alter table rollout_members add column configuration jsonb;
alter table rollout_members add column changed_paths jsonb;
