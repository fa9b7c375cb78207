-- First keys are published without a person, and a host that is lost for good gives up the names of its keys.

alter table domains
  -- What came of the last try to publish first keys; null while nothing was tried, or nothing is wanted any more.
  add column first_keys_publication jsonb,
  -- Null: as soon as a host has told of first keys.
  add column first_keys_try_at timestamptz;

alter table dkim_keys
  -- A person said that its host is lost for good: its mail that is on its way is given up, so its name is free at once.
  add column is_given_up boolean not null default false;
create index dkim_keys_waiting on dkim_keys (domain_id) where state = 'waiting';
