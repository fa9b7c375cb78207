-- Jobs that ended long ago are removed by the worker, with their stories by the foreign key.
grant delete on jobs to mailstead_system;
create index jobs_ended on jobs (ended_at) where ended_at is not null;
