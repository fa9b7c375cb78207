-- A new agent brings a new sealing key; what was sealed for the old one must be found and sealed again.
alter table relay_secrets add column sealed_for text not null default '';
