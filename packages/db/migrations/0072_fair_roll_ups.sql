-- No host holds up the hours and days of others by what it tells, be it much, wide or too large.

-- Both sketches together. Most parts of a host's mail have few buckets, for which a query costs more than it adds up; of many
-- buckets, one copy of the whole for each would.
create or replace function add_sketches(one jsonb, other jsonb) returns jsonb language plpgsql immutable parallel safe as $$
declare
  total jsonb := one;
  buckets jsonb;
  bucket text;
begin
  if other = '{}' then return one; end if;
  if one = '{}' then return other; end if;
  buckets := jsonb_path_query_array(other, '$.keyvalue().key');
  if jsonb_array_length(buckets) > 8 then
    return (select jsonb_object_agg(key, count) from (
      select key, sum(value::bigint) as count
      from (select * from jsonb_each_text(one) union all select * from jsonb_each_text(other)) as told (key, value)
      group by key) as summed);
  end if;
  for place in 0 .. jsonb_array_length(buckets) - 1 loop
    bucket := buckets ->> place;
    total := total || jsonb_build_object(bucket,
      coalesce((total ->> bucket)::bigint, 0) + (other ->> bucket)::bigint);
  end loop;
  return total;
end
$$;

-- As before, but bytes stop at what a number holds: no mail server carries so much, and a host that says so would never be
-- added up again.
do $$
declare
  name text;
begin
  foreach name in array array['hours', 'days'] loop
    execute format($function$
      create or replace function public.%1$I(server_ids uuid[], organisation_ids uuid[], tenant_ids uuid[],
        starts_at timestamptz[], directions text[], domains text[], sending_addresses text[], providers text[],
        statuses text[], categories text[], attempts bigint[], first_attempts bigint[], over_tls bigint[],
        size_bytes bigint[], latencies jsonb[]) returns void
        language plpgsql volatile set search_path = pg_catalog, pg_temp
      as $body$
      #variable_conflict use_column
      begin
        insert into public.%2$I as known (server_id, organisation_id, tenant_id, starts_at, direction, domain,
          sending_address, provider, status, category, attempts, first_attempts, over_tls, size_bytes, latencies)
        select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
        on conflict (server_id, starts_at, direction, domain, sending_address, provider, status, category) do update set
          attempts = known.attempts + excluded.attempts,
          first_attempts = known.first_attempts + excluded.first_attempts,
          over_tls = known.over_tls + excluded.over_tls,
          size_bytes = case when known.size_bytes > 4611686018427387903 or excluded.size_bytes > 4611686018427387903
            then 4611686018427387904 else known.size_bytes + excluded.size_bytes end,
          latencies = public.add_sketches(known.latencies, excluded.latencies);
      end
      $body$
    $function$, 'add_delivery_' || name, 'delivery_' || name);
  end loop;
end
$$;

-- By its words a finding about an old listing is known, which is told anew as such also where its host is away.
grant select (sentence) on check_findings to mailstead_system;
