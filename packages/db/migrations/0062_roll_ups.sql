-- Hours and days are added to by the worker, shortly after the minutes: in the transaction that takes a batch in they cost
-- twice what its minutes do. What waits to be added stands here, each batch once, noted with its minutes and its number, and
-- taken away in the transaction that adds it.
create table delivery_pending (
  id bigint generated always as identity primary key,
  server_id uuid not null,
  organisation_id uuid not null,
  tenant_id uuid not null,
  -- What one host told at once, by hour: a list for each count (packages/services/src/delivery/pending-hours.ts).
  hours json not null,
  foreign key (server_id, tenant_id, organisation_id)
    references servers (id, tenant_id, organisation_id) on delete cascade
);
-- A row lives for some seconds, so it is not worth packing, and its room is to be free again soon.
alter table delivery_pending alter column hours set storage external;
alter table delivery_pending set (toast_tuple_target = 8160, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0);

alter table delivery_pending enable row level security;
alter table delivery_pending force row level security;
create policy gateway_rows on delivery_pending to mailstead_gateway using (true);
create policy system_rows on delivery_pending to mailstead_system using (true);
grant insert on delivery_pending to mailstead_gateway;
-- The worker tells the demo fleet's deliveries too.
grant select, insert, delete on delivery_pending to mailstead_system;

-- Takes in what several hosts counted, as whoever calls: row level security holds. A place says whose a count is, from 1.
create function take_in_deliveries(server_ids uuid[], organisation_ids uuid[], tenant_ids uuid[], pending json[], places integer[],
  minutes bigint[], directions text[], domains text[], sending_addresses text[], providers text[], statuses text[],
  categories text[], attempts bigint[], first_attempts bigint[], over_tls bigint[], size_bytes bigint[], latencies jsonb[])
  returns void language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  insert into public.delivery_minutes as known (server_id, organisation_id, tenant_id, starts_at, direction, domain,
    sending_address, provider, status, category, attempts, first_attempts, over_tls, size_bytes, latencies)
  select $1[place], $2[place], $3[place], timestamptz 'epoch' + minute * interval '1 minute', told.direction, told.domain,
    told.sending_address, told.provider, told.status, told.category, told.attempts, told.first_attempts, told.over_tls,
    told.size_bytes, told.latencies
  from unnest($5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) as told (place, minute, direction, domain,
    sending_address, provider, status, category, attempts, first_attempts, over_tls, size_bytes, latencies)
  on conflict (server_id, starts_at, direction, domain, sending_address, provider, status, category) do update set
    attempts = known.attempts + excluded.attempts,
    first_attempts = known.first_attempts + excluded.first_attempts,
    over_tls = known.over_tls + excluded.over_tls,
    size_bytes = known.size_bytes + excluded.size_bytes,
    latencies = public.add_sketches(known.latencies, excluded.latencies);
  insert into public.delivery_pending (server_id, organisation_id, tenant_id, hours)
  select server_id, organisation_id, tenant_id, hours
  from unnest($1, $2, $3, $4) as told (server_id, organisation_id, tenant_id, hours)
  where hours is not null;
end
$$;
revoke execute on function take_in_deliveries from public;
grant execute on function take_in_deliveries to mailstead_gateway, mailstead_system;
-- A gateway of the version before runs on for some minutes and adds to hours and days itself, which changes no sum: it keeps
-- add_delivery_minutes and its rights.
