-- When a host first told of the addresses that it has now: the records of its domains name them, so they are looked at
-- anew. Postgres compares, since the gateway that writes the facts may not read those before.
alter table servers add column addresses_changed_at timestamptz;

create function note_changed_addresses() returns trigger language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  new.addresses_changed_at := new.facts_at;
  return new;
end
$$;
create trigger servers_note_changed_addresses before update of facts on servers for each row
  when (old.facts -> 'ipAddresses' is distinct from new.facts -> 'ipAddresses')
  execute function note_changed_addresses();
