-- Which CVEs are open on which servers, by what Debian's security tracker says of each source package.

-- The newest version that a server has of each source, by which servers are counted.
alter table server_packages add column is_lead boolean not null default false;
alter table server_packages no force row level security;
-- By text, until the host tells again, which is told by Debian's order.
update server_packages p set is_lead = true
  from (select distinct on (server_id, source_name) server_id, name, architecture from server_packages
    order by server_id, source_name, source_version desc, name, architecture) as newest
  where p.server_id = newest.server_id and p.name = newest.name and p.architecture = newest.architecture;
alter table server_packages force row level security;
alter table server_packages alter column is_lead drop default;
-- Which servers have a source in a version, and which versions there are at all, out of this alone.
create index server_packages_of_source on server_packages (source_name, source_version, organisation_id, server_id)
  include (tenant_id) where is_lead;

-- The lists themselves, one for each release of Debian, as they were fetched.
create table security_lists (
  suite text primary key,
  -- Of no organisation.
  organisation_id uuid,
  body bytea,
  digest text,
  etag text,
  last_modified text,
  issue_count integer,
  -- When what is kept was last known to be the newest; null before there is any.
  fetched_at timestamptz,
  tried_at timestamptz,
  next_try_at timestamptz not null,
  -- Why the last try brought nothing, in a sentence; null when it did.
  problem text,
  check ((body is null) = (fetched_at is null) and (body is null) = (digest is null))
);

-- Versions that some server has or waits for, and by which list they were judged.
create table judged_sources (
  suite text not null,
  source_name text collate "C" not null,
  source_version text collate "C" not null,
  organisation_id uuid,
  digest text not null,
  primary key (suite, source_name, source_version)
);

-- To what each of them is open.
create table source_issues (
  suite text not null,
  source_name text collate "C" not null,
  source_version text collate "C" not null,
  cve text collate "C" not null,
  organisation_id uuid,
  urgency text check (urgency in ('low', 'medium', 'high')),
  is_remote boolean,
  -- Whether the release has a version without it.
  is_fixed boolean not null,
  fixed_version text collate "C",
  primary key (suite, source_name, source_version, cve),
  foreign key (suite, source_name, source_version) references judged_sources on delete cascade
);
create index source_issues_of_cve on source_issues (cve);

-- How many servers of a customer have a version that is open to something, and what waits for them there.
create table open_sources (
  tenant_id uuid not null,
  suite text not null,
  source_name text collate "C" not null,
  source_version text collate "C" not null,
  -- Empty where nothing waits.
  to_version text collate "C" not null,
  organisation_id uuid not null,
  servers integer not null check (servers > 0),
  primary key (tenant_id, suite, source_name, source_version, to_version),
  foreign key (tenant_id, organisation_id) references tenants (id, organisation_id) on delete cascade
);
create index open_sources_of_organisation on open_sources (organisation_id);

do $$
declare
  name text;
begin
  foreach name in array array['security_lists', 'judged_sources', 'source_issues', 'open_sources'] loop
    execute format('alter table public.%I enable row level security', name);
    execute format('alter table public.%I force row level security', name);
    execute format('create policy system_rows on public.%I to mailstead_system using (true)', name);
    execute format('grant select, insert, update, delete on public.%I to mailstead_system', name);
  end loop;
  foreach name in array array['security_lists', 'source_issues'] loop
    execute format('create policy sign_in_rows on public.%I for select to mailstead_sign_in using (true)', name);
  end loop;
end
$$;
grant select (suite, issue_count, fetched_at, tried_at, problem) on security_lists to mailstead_sign_in;
grant select on source_issues to mailstead_sign_in;
create policy app_rows on open_sources to mailstead_app
  using (organisation_id = (select public.current_organisation_id())
    and ((select public.current_tenant_id()) is null or tenant_id = (select public.current_tenant_id())));
grant select on open_sources to mailstead_app;

-- What Debian says is public. Which versions are installed somewhere is not: who asks names them, or a CVE.
create function security_list_states()
  returns table (suite text, issue_count integer, fetched_at timestamptz, tried_at timestamptz, problem text)
  language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select l.suite, l.issue_count, l.fetched_at, l.tried_at, l.problem from public.security_lists l;
end;

create function issues_of_sources(sources jsonb)
  returns table (suite text, source_name text, source_version text, cve text, urgency text, is_remote boolean,
    is_fixed boolean, fixed_version text)
  language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select i.suite, i.source_name, i.source_version, i.cve, i.urgency, i.is_remote, i.is_fixed, i.fixed_version
  from (select distinct suite, source_name, source_version
    from jsonb_to_recordset(sources) as named (suite text, source_name text, source_version text)) as asked
  join public.source_issues i on i.suite = asked.suite and i.source_name = asked.source_name
    and i.source_version = asked.source_version;
end;

create function sources_open_to(of_cve text)
  returns table (suite text, source_name text, source_version text, urgency text, is_remote boolean,
    is_fixed boolean, fixed_version text)
  language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select i.suite, i.source_name, i.source_version, i.urgency, i.is_remote, i.is_fixed, i.fixed_version
  from public.source_issues i where i.cve = of_cve;
end;

do $$
declare
  signature text;
begin
  grant create on schema public to mailstead_sign_in;
  foreach signature in array array['security_list_states()', 'issues_of_sources(jsonb)', 'sources_open_to(text)'] loop
    execute format('alter function public.%s owner to mailstead_sign_in', signature);
    execute format('revoke all on function public.%s from public', signature);
    execute format('grant execute on function public.%s to mailstead_app', signature);
  end loop;
  revoke create on schema public from mailstead_sign_in;
end
$$;
