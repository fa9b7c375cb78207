-- A test of a smarthost that failed for a while only is made again by itself, a few times.
alter table smarthost_changes
  -- How often it was tried since a person last asked for it.
  add column tries integer not null default 1 check (tries > 0),
  -- When it is tried again; null while it is being tried, and where only a person can go on.
  add column retry_at timestamptz,
  add constraint smarthost_changes_waits check (retry_at is null or problem is not null);
create index smarthost_changes_due on smarthost_changes (retry_at) where retry_at is not null;
grant select (retry_at) on smarthost_changes to mailstead_system;
