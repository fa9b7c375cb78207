-- Days that are over, summed for each server: a large one keeps a row for each of its domains, receivers and kinds of reply,
-- and a quarter of those is too much to add up for a page.

-- Which days of a server are summed. What a host tells later of such a day makes it open again, and whoever asks adds it up
-- from its rows until the worker has summed it anew.
create table summed_days (
  server_id uuid not null,
  kind text not null check (kind in ('deliveries', 'verdicts')),
  starts_at timestamptz not null,
  organisation_id uuid not null,
  tenant_id uuid not null,
  is_whole boolean not null,
  primary key (server_id, kind, starts_at),
  foreign key (server_id, tenant_id, organisation_id)
    references servers (id, tenant_id, organisation_id) on delete cascade
);
create index summed_days_time on summed_days (organisation_id, kind, starts_at);

-- What left a server, over all domains.
create table server_days (
  server_id uuid not null,
  starts_at timestamptz not null,
  sending_address text not null,
  provider text not null,
  status text not null,
  category text not null,
  organisation_id uuid not null,
  tenant_id uuid not null,
  attempts bigint not null,
  first_attempts bigint not null,
  over_tls bigint not null,
  size_bytes bigint not null,
  primary key (server_id, starts_at, sending_address, provider, status, category),
  foreign key (server_id, tenant_id, organisation_id)
    references servers (id, tenant_id, organisation_id) on delete cascade
);
-- How much was delivered, and how much of it encrypted, is asked of all servers at once.
create index server_days_sent on server_days (organisation_id, starts_at)
  include (tenant_id, server_id, provider, attempts, over_tls) where status = 'sent';

-- What a server's filter decided: of mail that came, and of mail that left in the name of its own domains.
create table server_verdict_days (
  server_id uuid not null,
  starts_at timestamptz not null,
  direction text not null check (direction in ('outbound', 'inbound')),
  action text not null,
  organisation_id uuid not null,
  tenant_id uuid not null,
  messages bigint not null,
  facts jsonb not null,
  scores jsonb not null,
  symbols jsonb not null,
  primary key (server_id, starts_at, direction, action),
  foreign key (server_id, tenant_id, organisation_id)
    references servers (id, tenant_id, organisation_id) on delete cascade
);

do $$
declare
  name text;
begin
  foreach name in array array['summed_days', 'server_days', 'server_verdict_days'] loop
    execute format('alter table public.%I enable row level security', name);
    execute format('alter table public.%I force row level security', name);
    execute format($policy$
      create policy app_rows on public.%I to mailstead_app
      using (organisation_id = (select public.current_organisation_id())
        and ((select public.current_tenant_id()) is null or tenant_id = (select public.current_tenant_id())))
    $policy$, name);
    execute format('grant select, insert, update, delete on public.%I to mailstead_app', name);
  end loop;
end
$$;
create policy gateway_rows on summed_days to mailstead_gateway using (true);
create policy system_rows on summed_days to mailstead_system using (true);
grant select (server_id, kind, starts_at, is_whole), update (is_whole) on summed_days to mailstead_gateway, mailstead_system;

-- Whoever sums a day holds the same lock, so that a day is never taken for whole without what is just being told of it.
create function reopen_summed_day() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  perform pg_advisory_xact_lock(7265064, hashtext(new.server_id::text));
  update public.summed_days set is_whole = false
    where server_id = new.server_id and kind = tg_argv[0] and starts_at = new.starts_at and is_whole;
  return null;
end
$$;
-- Next to all that is told is of this day, and costs one comparison.
create trigger reopen_summed_day after insert or update on delivery_days for each row
  when (new.starts_at <= now() - interval '1 day') execute function reopen_summed_day('deliveries');
create trigger reopen_summed_day after insert or update on verdict_days for each row
  when (new.starts_at <= now() - interval '1 day') execute function reopen_summed_day('verdicts');

-- Replies that tell of trouble are few, and read by the hour for a month.
create index delivery_hours_replies on delivery_hours (server_id, category, starts_at) where category <> '';
