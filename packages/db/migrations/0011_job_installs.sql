-- Whether a converge brings mail to its host for the first time. Kept with the job, because those before it are
-- forgotten in time.
alter table jobs add column is_install boolean not null default false;

-- Row level security is forced on the owner too, who would find no row.
alter table jobs no force row level security;
alter table servers no force row level security;
update jobs j set is_install = true from servers s
  where s.id = j.server_id and j.verb = 'converge'
    -- Of an installation that is older, what came before may be forgotten already, and its own job with it.
    and s.install_requested_at > now() - interval '90 days'
    and not exists (select from jobs earlier where earlier.server_id = j.server_id and earlier.sequence < j.sequence
      and earlier.verb = 'converge' and earlier.state = 'succeeded');
alter table jobs force row level security;
alter table servers force row level security;

-- A waiting converge that a newer one takes the place of, and one behind a converge that went well, change what they are.
grant update (is_install) on jobs to mailstead_app;
grant select (is_install), update (is_install) on jobs to mailstead_gateway;
