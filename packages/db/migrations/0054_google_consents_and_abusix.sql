-- A person's consent at Google is fetched by a redirect, and Abusix is asked with the organisation's key.

-- The app at Google by which consents are given; each organisation registers its own.
create table google_apps (
  organisation_id uuid primary key references organisations (id) on delete cascade,
  client_id text not null check (length(client_id) between 1 and 300),
  -- The client secret, sealed for the worker. The web may write it and never read it.
  box text not null,
  changed_at timestamptz not null
);

alter table feed_connections add unique (id, tenant_id, organisation_id);

-- Consents between the press of the button and the tokens: a quarter of an hour each, and used once.
create table google_consents (
  id uuid primary key,
  organisation_id uuid not null,
  -- Null: for a feed of every customer.
  tenant_id uuid,
  -- Who began it; nobody else may end it.
  user_id uuid not null,
  -- SHA-256 of what Google hands back with the person.
  state_hash text not null unique,
  -- The proof of RFC 7636, sealed for the worker.
  box text not null,
  client_id text not null,
  redirect_uri text not null,
  -- The feed that gets new credentials; null until a new one is made.
  connection_id uuid,
  label text not null,
  verifies_domains boolean not null,
  -- What Google handed out for the consent, sealed for the worker; null until the person is back.
  code_box text,
  -- When a worker took it up: a code that is traded twice ends what the first trade gave.
  claimed_at timestamptz,
  expires_at timestamptz not null,
  -- Holds for feeds of one customer; what is left of a feed of all goes when the worker comes to it.
  foreign key (connection_id, tenant_id, organisation_id)
    references feed_connections (id, tenant_id, organisation_id) on delete cascade,
  foreign key (organisation_id) references organisations (id) on delete cascade,
  foreign key (tenant_id, organisation_id) references tenants (id, organisation_id) on delete cascade,
  check (code_box is null or connection_id is not null)
);
create index google_consents_given on google_consents (expires_at) where code_box is not null;

alter table google_apps enable row level security;
alter table google_apps force row level security;
alter table google_consents enable row level security;
alter table google_consents force row level security;
create policy system_rows on google_apps to mailstead_system using (true);
create policy system_rows on google_consents to mailstead_system using (true);
create policy app_rows on google_apps to mailstead_app
  using (organisation_id = (select current_organisation_id()) and (select current_tenant_id()) is null);
create policy app_rows on google_consents to mailstead_app
  using (organisation_id = (select current_organisation_id())
    and ((select current_tenant_id()) is null or tenant_id = (select current_tenant_id())));

grant select (organisation_id, client_id, changed_at), insert, update on google_apps to mailstead_app;
grant select (id, organisation_id, tenant_id, user_id, state_hash, client_id, redirect_uri, connection_id, label,
    verifies_domains, claimed_at, expires_at), insert, update, delete on google_consents to mailstead_app;
-- The worker trades codes for tokens.
grant select on google_apps to mailstead_system;
grant select on google_consents to mailstead_system;

-- The organisation's key of Abusix, sealed for the worker; null where it has none.
alter table block_list_settings add column abusix_box text;
