-- What each server of a domain is for, and how one leaves it without a loss.

alter table domain_servers
  add column role text,
  -- Since when its records are planned no longer; it serves on until the world has stopped asking for it.
  add column leaves_since timestamptz;
-- Row level security is forced on the owner too, who would find no row.
alter table domain_servers no force row level security;
-- Until now a second server of a domain could only have been written by hand, to send for it.
update domain_servers set role = case
  when server_id = (select first.server_id from domain_servers first where first.domain_id = domain_servers.domain_id
    order by first.created_at, first.server_id limit 1) then 'home'
  else 'sender' end;
alter table domain_servers force row level security;
alter table domain_servers
  alter column role set not null,
  add constraint domain_servers_role check (role in ('home', 'mx', 'backup-mx', 'outbound', 'sender')),
  add constraint domain_servers_leaving check (role <> 'home' or leaves_since is null);
-- The mailboxes of a domain are on one server.
create unique index domain_servers_home on domain_servers (domain_id) where role = 'home';
create index domain_servers_leaving_first on domain_servers (leaves_since) where leaves_since is not null;

-- Keys of a server that has left a domain sign no more; their records stand until the last mail that they signed has
-- been read.
alter table dkim_keys add column record_ends_at timestamptz;
