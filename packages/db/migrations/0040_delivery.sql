-- How the world takes the mail of each host, as its agent counts it. No address of a person comes here.

-- How far each stream of a host has come. A number is stored in one transaction with what it brought, so that
-- everything counts once, whatever is sent again. An epoch is new where the host lost what it kept.
create table telemetry_streams (
  server_id uuid not null,
  stream text not null check (stream in ('delivery', 'verdicts', 'reports', 'block-lists', 'accounts')),
  epoch uuid not null,
  organisation_id uuid not null,
  tenant_id uuid not null,
  sequence bigint not null check (sequence > 0),
  -- Batches that had no shape that is known here, and were left out.
  unread_batches integer not null default 0,
  stored_at timestamptz not null,
  primary key (server_id, stream, epoch),
  foreign key (server_id, tenant_id, organisation_id)
    references servers (id, tenant_id, organisation_id) on delete cascade
);

-- The same attempts by minute, hour and day: the longer the period, the longer they are kept. '' stands for nobody.
do $$
declare
  name text;
begin
  foreach name in array array['delivery_minutes', 'delivery_hours', 'delivery_days'] loop
    execute format($table$
      create table public.%1$I (
        server_id uuid not null,
        starts_at timestamptz not null,
        direction text not null check (direction in ('outbound', 'inbound', 'internal')),
        domain text not null,
        sending_address text not null,
        provider text not null,
        status text not null,
        category text not null,
        organisation_id uuid not null,
        tenant_id uuid not null,
        attempts bigint not null check (attempts > 0),
        first_attempts bigint not null,
        over_tls bigint not null,
        size_bytes bigint not null,
        -- Counts of what was delivered, by bucket of the time it took.
        latencies jsonb not null,
        primary key (server_id, starts_at, direction, domain, sending_address, provider, status, category),
        foreign key (server_id, tenant_id, organisation_id)
          references public.servers (id, tenant_id, organisation_id) on delete cascade
      ) partition by range (starts_at)
    $table$, name);
    execute format('create index %1$I on public.%2$I (organisation_id, domain, starts_at)', name || '_domain', name);
    execute format('create index %1$I on public.%2$I (organisation_id, starts_at)', name || '_time', name);
  end loop;
end
$$;

-- Some of what receivers said, without anybody's address.
create table reply_samples (
  id uuid primary key,
  organisation_id uuid not null,
  tenant_id uuid not null,
  server_id uuid not null,
  said_at timestamptz not null,
  domain text not null,
  provider text not null,
  category text not null,
  rule_id text,
  relay_name text,
  reply text not null,
  foreign key (server_id, tenant_id, organisation_id)
    references servers (id, tenant_id, organisation_id) on delete cascade
);
create index reply_samples_kind on reply_samples (server_id, domain, provider, category, said_at desc);
create index reply_samples_domain on reply_samples (organisation_id, domain, said_at desc);

create function add_sketches(one jsonb, other jsonb) returns jsonb language sql immutable parallel safe
  set search_path = pg_catalog, pg_temp
  return (select coalesce(jsonb_object_agg(bucket, total), '{}')
    from (select bucket, sum(counted::bigint) as total
      from (select * from jsonb_each_text(one) union all select * from jsonb_each_text(other)) as both_sketches (bucket, counted)
      group by bucket) as sums);

-- Makes the partitions that counts of now and of the days to come go to, and drops those that are older than what is
-- kept: minutes for a week, hours for three months, days for three years.
create function keep_delivery_partitions(at timestamptz) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  spec record;
  from_time timestamp;
  name text;
  old text;
begin
  -- Two workers may look after it at once.
  perform pg_advisory_xact_lock(7265002);
  for spec in
    select * from (values
      ('delivery_minutes', 'day', interval '1 day', interval '7 days', interval '3 days', 'YYYYMMDD'),
      ('delivery_hours', 'month', interval '1 month', interval '3 months', interval '1 month', 'YYYYMM'),
      ('delivery_days', 'year', interval '1 year', interval '3 years', interval '1 month', 'YYYY')
    ) as specs (parent, unit, step, kept, ahead, suffix)
  loop
    from_time := date_trunc(spec.unit, (at at time zone 'UTC') - spec.kept);
    for old in
      select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = format('public.%I', spec.parent)::regclass
        and c.relname < spec.parent || '_' || to_char(from_time, spec.suffix)
    loop
      execute format('drop table public.%I', old);
    end loop;
    while from_time <= (at at time zone 'UTC') + spec.ahead loop
      name := spec.parent || '_' || to_char(from_time, spec.suffix);
      if to_regclass(format('public.%I', name)) is null then
        execute format('create table public.%I partition of public.%I for values from (%L) to (%L)', name, spec.parent,
          from_time at time zone 'UTC', (from_time + spec.step) at time zone 'UTC');
        -- Policies of the parent do not hold for who names a partition; nobody but the owner may, and it finds no row.
        execute format('alter table public.%I enable row level security', name);
        execute format('alter table public.%I force row level security', name);
      end if;
      from_time := from_time + spec.step;
    end loop;
  end loop;
end
$$;
revoke execute on function keep_delivery_partitions from public;
grant execute on function keep_delivery_partitions to mailstead_system;
select keep_delivery_partitions(now());

do $$
declare
  name text;
begin
  foreach name in array array['telemetry_streams', 'delivery_minutes', 'delivery_hours', 'delivery_days',
    'reply_samples'] loop
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

grant select on telemetry_streams, delivery_minutes, delivery_hours, delivery_days, reply_samples to mailstead_app;
grant select, insert, update on telemetry_streams, delivery_minutes, delivery_hours, delivery_days to mailstead_gateway;
grant insert on reply_samples to mailstead_gateway;
-- The worker tells the demo fleet's deliveries, and notes those that come to it by other ways than an agent.
grant select, insert, update on telemetry_streams, delivery_minutes, delivery_hours, delivery_days to mailstead_system;
grant insert on reply_samples to mailstead_system;
grant select (id, server_id, domain, provider, category, said_at), delete on reply_samples to mailstead_system;
