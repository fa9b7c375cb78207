-- A page says so when hours and days stand still, since its figures do not.

-- Up to when all that hosts told is in hours and days, but for what stalled_roll_ups names.
create table roll_up_state (
  is_only boolean primary key default true check (is_only),
  -- Of no organisation.
  organisation_id uuid,
  added_until timestamptz not null
);
insert into roll_up_state (added_until) values (now());
alter table roll_up_state enable row level security;
alter table roll_up_state force row level security;
create policy system_rows on roll_up_state to mailstead_system using (true);
create policy sign_in_rows on roll_up_state for select to mailstead_sign_in using (true);
grant select, update (added_until) on roll_up_state to mailstead_system;
grant select on roll_up_state to mailstead_sign_in;

create function counts_added_until() returns timestamptz
  language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select s.added_until from public.roll_up_state s;
end;
grant create on schema public to mailstead_sign_in;
alter function counts_added_until() owner to mailstead_sign_in;
revoke create on schema public from mailstead_sign_in;
revoke all on function counts_added_until() from public;
grant execute on function counts_added_until() to mailstead_app;

-- Servers whose counts could not be added, and since when they wait.
create table stalled_roll_ups (
  server_id uuid primary key,
  organisation_id uuid not null,
  tenant_id uuid not null,
  since timestamptz not null,
  foreign key (server_id, tenant_id, organisation_id)
    references servers (id, tenant_id, organisation_id) on delete cascade
);
create index stalled_roll_ups_organisation on stalled_roll_ups (organisation_id, tenant_id);
alter table stalled_roll_ups enable row level security;
alter table stalled_roll_ups force row level security;
create policy app_rows on stalled_roll_ups for select to mailstead_app
  using (organisation_id = (select current_organisation_id())
    and ((select current_tenant_id()) is null or tenant_id = (select current_tenant_id())));
create policy system_rows on stalled_roll_ups to mailstead_system using (true);
grant select on stalled_roll_ups to mailstead_app;
grant select, insert, delete on stalled_roll_ups to mailstead_system;
