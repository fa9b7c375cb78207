-- What delivery relies on, held by the database itself so that no caller can forget it.

-- The wake-up commits with the row: there is no moment between the two in which it could be lost.
create function wake_relay() returns trigger language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  perform pg_notify('outbox', '');
  return null;
end
$$;
create trigger outbox_wakes_relay after insert on outbox for each statement execute function wake_relay();

-- A signature covers the arguments, so other arguments need another signature. Once an order has left, an agent may
-- hold it, and then its arguments are history.
create function unsign_changed_order() returns trigger language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  if old.dispatched_at is not null then
    raise exception 'the order of job % has been sent and cannot be changed', old.id;
  end if;
  new.signed_order := null;
  new.signature := null;
  new.key_fingerprint := null;
  new.signed_at := null;
  return new;
end
$$;
create trigger jobs_unsign_changed_order before update of args on jobs
  for each row when (old.args is distinct from new.args) execute function unsign_changed_order();

-- Finds jobs whose delivery may have been lost, and the work of a gateway that died.
create index jobs_of_gateway on jobs (gateway_id)
  where state in ('dispatched', 'accepted', 'running') and gateway_id is not null;
create index outbox_subject on outbox (subject_id);
