-- When the world is asked about a domain again, and since when it has not been right; null means at once, and right.
-- A resolver that did not answer is no check: it is kept beside what was known before.
alter table domains
  add column next_check_at timestamptz,
  add column unsettled_since timestamptz,
  add column resolver_problem text,
  add column resolver_problem_at timestamptz;
