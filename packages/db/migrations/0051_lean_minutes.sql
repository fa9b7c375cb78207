-- Minutes are read of one server, or of the last hours; nothing asks for those of one domain. The index was a seventh of
-- their table, and a write for each row that comes in.
drop index delivery_minutes_domain;
