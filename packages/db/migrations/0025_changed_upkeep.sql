-- When a host first told of what is so now beside its mail (clock, updates, SSH, backup), so that it is judged anew and
-- told of. Days that only move on are left out: they would have every host looked at after each of its backups.
alter table servers add column upkeep_changed_at timestamptz;

create function upkeep_of(facts jsonb) returns jsonb language sql immutable set search_path = pg_catalog, pg_temp
  return case when jsonb_typeof(facts -> 'upkeep') = 'object'
    then (facts -> 'upkeep') #- '{backup,lastOn}' #- '{updates,askedOn}' end;

create function note_changed_upkeep() returns trigger language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  new.upkeep_changed_at := new.facts_at;
  return new;
end
$$;
create trigger servers_note_changed_upkeep before update of facts on servers for each row
  when (upkeep_of(old.facts) is distinct from upkeep_of(new.facts))
  execute function note_changed_upkeep();
