-- Whoever tries ever new addresses must not fill the table: each count also drops what has left the window.
create index sign_in_attempts_time on sign_in_attempts (attempted_at);

create or replace function count_sign_in_attempt(wanted_subject text, at timestamptz, window_start timestamptz)
  returns integer
  language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
  delete from public.sign_in_attempts where attempted_at < window_start;
  insert into public.sign_in_attempts (subject, attempted_at) values (wanted_subject, at);
  select count(*)::integer from public.sign_in_attempts where subject = wanted_subject;
end;
