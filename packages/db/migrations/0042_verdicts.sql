-- What Rspamd decided about the mail of each host, as its agent counts it. No address of a person comes here.

-- The same messages by hour and by day: the longer the period, the longer they are kept. '' stands for nobody.
do $$
declare
  name text;
begin
  foreach name in array array['verdict_hours', 'verdict_days'] loop
    execute format($table$
      create table public.%1$I (
        server_id uuid not null,
        starts_at timestamptz not null,
        direction text not null check (direction in ('outbound', 'inbound', 'internal')),
        domain text not null,
        provider text not null,
        action text not null,
        organisation_id uuid not null,
        tenant_id uuid not null,
        messages bigint not null check (messages > 0),
        -- Messages of which something is true, by what it is; by their score in whole points; by Rspamd's symbols.
        facts jsonb not null,
        scores jsonb not null,
        symbols jsonb not null,
        primary key (server_id, starts_at, direction, domain, provider, action),
        foreign key (server_id, tenant_id, organisation_id)
          references public.servers (id, tenant_id, organisation_id) on delete cascade
      )
    $table$, name);
    execute format('create index %1$I on public.%2$I (organisation_id, domain, starts_at)', name || '_domain', name);
    execute format('create index %1$I on public.%2$I (starts_at)', name || '_time', name);
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

grant select on verdict_hours, verdict_days to mailstead_app;
grant select, insert, update on verdict_hours, verdict_days to mailstead_gateway;
-- The worker tells the demo fleet's verdicts, and removes what is older than what is kept.
grant select, insert, update, delete on verdict_hours, verdict_days to mailstead_system;
