-- What went wrong with a domain's mail is read by the hour for a month, and is few among all that was sent: read out of the
-- rows of every hour it cost a page two thousand pages of the table.
create index delivery_hours_domain_replies on delivery_hours (tenant_id, domain, category, starts_at) where category <> '';
