-- Counts and samples that had no shape that is known here, of batches of which the rest was stored.
alter table telemetry_streams add column unread_rows bigint not null default 0;
