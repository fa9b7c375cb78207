-- Where the roll of the key that a zone's DS record leads to stands, and when each step of it was seen; the last one stays
-- until the next begins.

alter table zones add column key_roll jsonb;
grant select (key_roll), update (key_roll) on zones to mailstead_gateway;
