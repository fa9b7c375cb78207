-- Waits end by time that was lived through, names of DKIM keys are never used twice, and private keys leave a host some
-- time after their domain.

-- ---------------------------------------------------------------- time

-- What the worker's clock and the database's said when they last agreed, so that a clock that is set ends no wait.
create table time_kept (
  is_only boolean primary key default true check (is_only),
  -- Of no organisation.
  organisation_id uuid,
  worker_at timestamptz not null,
  database_at timestamptz not null,
  -- By how much the worker's clock is ahead while they disagree.
  skew_ms bigint
);
alter table time_kept enable row level security;
alter table time_kept force row level security;
create policy system_rows on time_kept to mailstead_system using (true);
create policy sign_in_rows on time_kept for select to mailstead_sign_in using (true);
grant select, insert, update (worker_at, database_at, skew_ms) on time_kept to mailstead_system;
grant select on time_kept to mailstead_sign_in;

create function kept_time() returns table (worker_at timestamptz, database_at timestamptz, skew_ms bigint)
  language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select k.worker_at, k.database_at, k.skew_ms from public.time_kept k;
end;

-- Whoever keeps the time moves what is waited for when some of it was not lived through.
grant select (step_since), update (step_since, look_again_at) on dkim_rotations to mailstead_system;
grant update (shown_since, record_ends_at, ended_at) on dkim_keys to mailstead_system;
grant select (id, leaves_at), update (leaves_at) on zone_records to mailstead_system;
create policy system_rows on zone_records to mailstead_system using (true);

-- ---------------------------------------------------------------- names of DKIM keys

-- Every name that a key of a domain ever had, here or in another organisation's hands, also after the domain has gone.
create table dkim_selectors_used (
  domain_name text not null,
  selector text not null,
  -- Of no organisation: a domain may move from one to another while its mail is on its way.
  organisation_id uuid,
  primary key (domain_name, selector)
);
alter table dkim_selectors_used enable row level security;
alter table dkim_selectors_used force row level security;
create policy sign_in_rows on dkim_selectors_used to mailstead_sign_in using (true);
grant select, insert on dkim_selectors_used to mailstead_sign_in;

create function used_dkim_selectors(of_domain text) returns setof text
  language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select u.selector from public.dkim_selectors_used u where u.domain_name = of_domain;
end;

-- Fails when one of them was used before.
create function use_dkim_selectors(of_domain text, selectors text[]) returns void
  language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
  insert into public.dkim_selectors_used (domain_name, selector) select of_domain, unnest(selectors);
end;

do $$
declare
  signature text;
begin
  grant create on schema public to mailstead_sign_in;
  foreach signature in array array['kept_time()', 'used_dkim_selectors(text)', 'use_dkim_selectors(text, text[])'] loop
    execute format('alter function public.%s owner to mailstead_sign_in', signature);
    execute format('revoke all on function public.%s from public', signature);
    execute format('grant execute on function public.%s to mailstead_app', signature);
  end loop;
  grant execute on function public.kept_time() to mailstead_system;
  revoke create on schema public from mailstead_sign_in;
end
$$;

-- Row level security is forced on the owner too, who would find no row.
alter table dkim_selectors_used no force row level security;
alter table dkim_keys no force row level security;
alter table domains no force row level security;
alter table audit_entries no force row level security;
insert into dkim_selectors_used (domain_name, selector)
  select d.name, k.selector from dkim_keys k join domains d on d.id = k.domain_id
  union
  select a.subject_name, gone.selector from audit_entries a
    cross join lateral jsonb_array_elements_text(
      case jsonb_typeof(a.before -> 'selectors') when 'array' then a.before -> 'selectors' else '[]' end
    ) as gone (selector)
    where a.subject_kind = 'domain' and a.subject_name is not null;
alter table audit_entries force row level security;
alter table domains force row level security;
alter table dkim_keys force row level security;
alter table dkim_selectors_used force row level security;

-- ---------------------------------------------------------------- private keys of domains that left a server

create table left_dkim_keys (
  organisation_id uuid not null,
  tenant_id uuid not null,
  server_id uuid not null,
  domain_name text not null,
  selector text not null,
  -- Before then its host is not told to destroy it.
  destroy_from timestamptz not null,
  -- The revision that named it; null until then.
  told_revision integer,
  created_at timestamptz not null,
  primary key (server_id, domain_name, selector),
  foreign key (server_id, tenant_id, organisation_id)
    references servers (id, tenant_id, organisation_id) on delete cascade
);
create index left_dkim_keys_due on left_dkim_keys (destroy_from);
alter table left_dkim_keys enable row level security;
alter table left_dkim_keys force row level security;
create policy app_rows on left_dkim_keys to mailstead_app
  using (organisation_id = (select public.current_organisation_id())
    and ((select public.current_tenant_id()) is null or tenant_id = (select public.current_tenant_id())));
create policy system_rows on left_dkim_keys to mailstead_system using (true);
grant select, insert, delete, update (told_revision) on left_dkim_keys to mailstead_app;
grant select, update (destroy_from) on left_dkim_keys to mailstead_system;
