-- Counts come in faster: one call stores a batch by minute, hour and day, with plans that a connection keeps.

-- Both sketches together. Most parts of a host's mail have few buckets, for which a query costs more than it adds up.
create or replace function add_sketches(one jsonb, other jsonb) returns jsonb language plpgsql immutable parallel safe as $$
declare
  total jsonb := one;
  buckets jsonb;
  bucket text;
begin
  if other = '{}' then return one; end if;
  if one = '{}' then return other; end if;
  buckets := jsonb_path_query_array(other, '$.keyvalue().key');
  for place in 0 .. jsonb_array_length(buckets) - 1 loop
    bucket := buckets ->> place;
    total := total || jsonb_build_object(bucket,
      coalesce((total ->> bucket)::bigint, 0) + (other ->> bucket)::bigint);
  end loop;
  return total;
end
$$;

-- Adds what a host counted to its minutes, hours and days, as whoever calls: row level security holds.
create function add_delivery_counts(minutes jsonb, hours jsonb, days jsonb) returns void
  language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
begin
  insert into public.delivery_minutes as known select * from jsonb_populate_recordset(null::public.delivery_minutes, minutes)
    on conflict (server_id, starts_at, direction, domain, sending_address, provider, status, category) do update set
      attempts = known.attempts + excluded.attempts,
      first_attempts = known.first_attempts + excluded.first_attempts,
      over_tls = known.over_tls + excluded.over_tls,
      size_bytes = known.size_bytes + excluded.size_bytes,
      latencies = public.add_sketches(known.latencies, excluded.latencies);
  insert into public.delivery_hours as known select * from jsonb_populate_recordset(null::public.delivery_hours, hours)
    on conflict (server_id, starts_at, direction, domain, sending_address, provider, status, category) do update set
      attempts = known.attempts + excluded.attempts,
      first_attempts = known.first_attempts + excluded.first_attempts,
      over_tls = known.over_tls + excluded.over_tls,
      size_bytes = known.size_bytes + excluded.size_bytes,
      latencies = public.add_sketches(known.latencies, excluded.latencies);
  insert into public.delivery_days as known select * from jsonb_populate_recordset(null::public.delivery_days, days)
    on conflict (server_id, starts_at, direction, domain, sending_address, provider, status, category) do update set
      attempts = known.attempts + excluded.attempts,
      first_attempts = known.first_attempts + excluded.first_attempts,
      over_tls = known.over_tls + excluded.over_tls,
      size_bytes = known.size_bytes + excluded.size_bytes,
      latencies = public.add_sketches(known.latencies, excluded.latencies);
end
$$;
revoke execute on function add_delivery_counts from public;
grant execute on function add_delivery_counts to mailstead_gateway, mailstead_system;
