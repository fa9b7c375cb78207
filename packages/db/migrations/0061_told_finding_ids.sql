-- Whoever was told that a finding opened is told by the same id and page that it closed. Null for what was told before.

alter table told_findings add column finding_id uuid;
alter table told_findings add column path text;
