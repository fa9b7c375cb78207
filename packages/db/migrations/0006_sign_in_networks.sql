-- An attempt names the account that it tried (its subject) and the network it came from, so that guessing slows the
-- guesser and locks nobody out. What an attempt came to is written when it is known; null counts as a failure.
alter table sign_in_attempts
  add column network text,
  add column outcome text check (outcome in ('failed', 'succeeded'));
create index sign_in_attempts_network on sign_in_attempts (network, attempted_at);
grant update (outcome) on sign_in_attempts to mailstead_sign_in;

-- What this network did to this account and to all, what everybody did to this account, and whether it knows it.
create function read_sign_in_history(wanted_account text, wanted_network text, failures_since timestamptz)
  returns table (own_count integer, own_last timestamptz, network_count integer, network_last timestamptz,
    account_count integer, account_last timestamptz, is_known_network boolean)
  language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select
    count(*) filter (where a.subject = wanted_account and a.network = wanted_network)::integer,
    max(a.attempted_at) filter (where a.subject = wanted_account and a.network = wanted_network),
    count(*) filter (where a.network = wanted_network)::integer,
    max(a.attempted_at) filter (where a.network = wanted_network),
    count(*) filter (where a.subject = wanted_account)::integer,
    max(a.attempted_at) filter (where a.subject = wanted_account),
    exists (select from public.sign_in_attempts s
      where s.subject = wanted_account and s.network = wanted_network and s.outcome = 'succeeded')
  from public.sign_in_attempts a
  where (a.subject = wanted_account or a.network = wanted_network)
    and a.attempted_at >= failures_since and a.outcome is distinct from 'succeeded';
end;

-- Begins an attempt and forgets what is too old to count; says the attempt's number.
create function begin_sign_in_attempt(wanted_account text, wanted_network text, at timestamptz,
  failures_since timestamptz, successes_since timestamptz) returns bigint
  language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
  delete from public.sign_in_attempts
    where attempted_at < failures_since and outcome is distinct from 'succeeded';
  delete from public.sign_in_attempts where attempted_at < successes_since and outcome = 'succeeded';
  insert into public.sign_in_attempts (subject, network, attempted_at)
    values (wanted_account, wanted_network, at) returning id;
end;

-- A success forgives what the same network did to the same account before, and takes the place of the last success.
create function end_sign_in_attempt(wanted_id bigint, has_succeeded boolean) returns void
  language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
  delete from public.sign_in_attempts old using public.sign_in_attempts now
    where has_succeeded and now.id = wanted_id and old.subject = now.subject and old.network = now.network
      and old.id <> wanted_id;
  update public.sign_in_attempts set outcome = case when has_succeeded then 'succeeded' else 'failed' end
    where id = wanted_id;
end;

-- Only failures are read by their age alone.
drop index sign_in_attempts_time;
create index sign_in_attempts_failures on sign_in_attempts (attempted_at) where outcome is distinct from 'succeeded';
create index sign_in_attempts_successes on sign_in_attempts (attempted_at) where outcome = 'succeeded';

-- The version before still calls this one; it must leave the successes alone.
create or replace function count_sign_in_attempt(wanted_subject text, at timestamptz, window_start timestamptz)
  returns integer
  language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
  delete from public.sign_in_attempts
    where attempted_at < window_start and outcome is distinct from 'succeeded';
  insert into public.sign_in_attempts (subject, attempted_at) values (wanted_subject, at);
  select count(*)::integer from public.sign_in_attempts
    where subject = wanted_subject and outcome is distinct from 'succeeded';
end;

do $$
declare
  signature text;
begin
  grant create on schema public to mailstead_sign_in;
  foreach signature in array array['read_sign_in_history(text, text, timestamptz)',
    'begin_sign_in_attempt(text, text, timestamptz, timestamptz, timestamptz)',
    'end_sign_in_attempt(bigint, boolean)'] loop
    execute format('alter function public.%s owner to mailstead_sign_in', signature);
    execute format('revoke all on function public.%s from public', signature);
    execute format('grant execute on function public.%s to mailstead_app', signature);
  end loop;
  revoke create on schema public from mailstead_sign_in;
end
$$;
