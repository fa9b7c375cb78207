-- What software each host has, what waits for it, and what it still has to restart.

alter table telemetry_streams drop constraint telemetry_streams_stream_check;
alter table telemetry_streams add constraint telemetry_streams_stream_check
  check (stream in ('delivery', 'verdicts', 'reports', 'block-lists', 'accounts', 'inventory'));

create table server_packages (
  server_id uuid not null,
  -- Compared byte by byte, so that one index answers for a name and for the beginning of one.
  name text collate "C" not null,
  architecture text collate "C" not null,
  organisation_id uuid not null,
  tenant_id uuid not null,
  version text collate "C" not null,
  source_name text collate "C" not null,
  source_version text collate "C" not null,
  primary key (server_id, name, architecture),
  foreign key (server_id, tenant_id, organisation_id)
    references servers (id, tenant_id, organisation_id) on delete cascade
);
-- "Which servers run this version?" is answered out of this alone.
create index server_packages_of_version on server_packages (organisation_id, name, version, server_id) include (tenant_id, architecture);

create table server_updates (
  server_id uuid not null,
  name text collate "C" not null,
  architecture text collate "C" not null,
  organisation_id uuid not null,
  tenant_id uuid not null,
  -- Null where the package comes anew.
  from_version text collate "C",
  to_version text collate "C" not null,
  origin text not null,
  is_security boolean not null,
  urgency text check (urgency in ('low', 'medium', 'high', 'emergency', 'critical')),
  cves text[] not null,
  source_name text collate "C" not null,
  -- True at one package of each source that waits on a server, by which servers are counted.
  is_lead boolean not null,
  primary key (server_id, name, architecture),
  foreign key (server_id, tenant_id, organisation_id)
    references servers (id, tenant_id, organisation_id) on delete cascade
);
-- What waits over the fleet is counted out of this alone; who has most to mend stands first.
create index server_updates_by_source on server_updates
  (organisation_id, source_name, to_version, cardinality(cves) desc, server_id)
  include (tenant_id, is_security, urgency) where is_lead;
-- A rollout asks which packages of a source wait on which server.
create index server_updates_of_source on server_updates (organisation_id, source_name, to_version, server_id, name, architecture)
  include (tenant_id, from_version, is_security);
create index server_updates_cves on server_updates using gin (cves) where is_lead;

create table server_inventories (
  server_id uuid primary key,
  organisation_id uuid not null,
  tenant_id uuid not null,
  running_kernel text not null,
  newest_kernel text,
  is_reboot_required boolean not null,
  reboot_packages jsonb not null,
  outdated_units jsonb not null,
  -- Whether a package or a newer kernel asks for a restart, so that those servers are found without reading all.
  is_restart_due boolean not null,
  agent_version text not null,
  -- How much of the changelogs could be read, and in a sentence why no more.
  changelogs text not null check (changelogs in ('read', 'partly', 'unreachable')),
  changelogs_sentence text,
  -- False where apt could not say, so that what it said before stands.
  are_updates_known boolean not null,
  untold_packages integer not null,
  told_at timestamptz not null,
  foreign key (server_id, tenant_id, organisation_id)
    references servers (id, tenant_id, organisation_id) on delete cascade
);
-- Servers on which something still runs what was replaced.
create index server_inventories_due on server_inventories (organisation_id)
  where is_restart_due or outdated_units <> '[]';

do $$
declare
  name text;
begin
  foreach name in array array['server_packages', 'server_updates', 'server_inventories'] loop
    execute format('alter table public.%I enable row level security', name);
    execute format('alter table public.%I force row level security', name);
    execute format('create policy system_rows on public.%I to mailstead_system using (true)', name);
    execute format('create policy gateway_rows on public.%I to mailstead_gateway using (true)', name);
    execute format($policy$
      create policy app_rows on public.%I to mailstead_app
      using (organisation_id = (select public.current_organisation_id())
        and ((select public.current_tenant_id()) is null or tenant_id = (select public.current_tenant_id())))
    $policy$, name);
  end loop;
end
$$;

grant select on server_packages, server_updates, server_inventories to mailstead_app;
grant select, insert, update, delete on server_packages, server_updates to mailstead_gateway;
grant select, insert, update on server_inventories to mailstead_gateway;
-- The demo fleet's are told by the worker's role.
grant select, insert, update, delete on server_packages, server_updates to mailstead_system;
grant select, insert, update on server_inventories to mailstead_system;
