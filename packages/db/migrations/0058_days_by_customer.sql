-- Days are asked for by the customer and the domain. Rules for senders count the domains below one too, and which there are
-- is found by going through a customer's names in their order.
create index delivery_days_names on delivery_days (tenant_id, domain, starts_at);
drop index delivery_days_domain;
