-- What servers that have a rollout's change did since, held to what is usual for them; and what each look found.
alter table rollout_members
  -- When the change came to be on the server.
  add column changed_at timestamptz,
  -- What it sends at this time of the day, and what it has sent since the change, up to when that was read.
  add column usual jsonb,
  add column since jsonb,
  add column since_at timestamptz,
  -- How it is once it has gone back; what made it go back stays beside it.
  add column health_back jsonb;
alter table rollouts
  -- The mail of all of them together as it was last judged, and what of it a person has seen and gone on from.
  add column sums jsonb,
  add column forgiven_sums jsonb;
-- How port 25 was met from where the worker is, since the change.
alter table rollout_members add column outside jsonb;
