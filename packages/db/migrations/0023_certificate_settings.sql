-- Who issues an organisation's certificates, what was issued and may be revoked, and which domains' names do not lead
-- to their servers yet.

-- ---------------------------------------------------------------- settings

create table acme_settings (
  organisation_id uuid primary key references organisations (id) on delete cascade,
  directory_url text not null,
  -- PEM by which the server of a private authority is trusted; null for a public one.
  root_certificates text,
  contact text not null,
  -- External account binding (RFC 8555 §7.3.4): the key's name, and the key sealed for the worker. The web writes the
  -- box and never reads it.
  eab_key_id text,
  eab_box text,
  -- For this directory; another one has other terms.
  terms_agreed_at timestamptz,
  terms_agreed_by text,
  -- Whether certificates are ordered without a person.
  is_automatic boolean not null default true,
  -- null while nobody has chosen, so that the environment of the worker still decides.
  changed_at timestamptz,
  check ((eab_key_id is null) = (eab_box is null))
);

-- An account is opened with the settings of one organisation, and so belongs to it.
alter table acme_accounts add column eab_key_id text, add column root_certificates text;
alter table acme_accounts drop constraint acme_accounts_directory_url_key;
-- The owner is bound by row level security too, and would else see none of the rows.
alter table acme_accounts no force row level security;
alter table organisations no force row level security;
update acme_accounts set organisation_id = (select id from organisations)
  where (select count(*) from organisations) = 1;
-- An account that several shared cannot be told apart; each opens its own.
delete from acme_accounts where organisation_id is null;
alter table acme_accounts force row level security;
alter table organisations force row level security;
alter table acme_accounts alter column organisation_id set not null,
  add foreign key (organisation_id) references organisations (id) on delete cascade,
  add unique (organisation_id, directory_url);

-- ---------------------------------------------------------------- what was issued

create table issued_certificates (
  id uuid primary key,
  organisation_id uuid not null,
  tenant_id uuid not null,
  server_id uuid not null,
  certificate_id uuid not null,
  -- Whose account may revoke it; null when that is not known.
  directory_url text,
  -- Of the chain that it began.
  chain_version text not null,
  -- PEM of the certificate alone.
  pem text not null,
  serial text not null,
  names text[] not null,
  issuer text not null,
  not_before timestamptz not null,
  not_after timestamptz not null,
  issued_at timestamptz not null,
  -- What a person asked for.
  revoke_requested_at timestamptz,
  revoke_requested_by text,
  revoke_reason text check (revoke_reason in
    ('unspecified', 'key-compromise', 'affiliation-changed', 'superseded', 'cessation-of-operation')),
  -- Even while the host still serves it.
  revoke_at_once boolean not null default false,
  -- When the worker looks; null when there is nothing to do.
  next_revoke_at timestamptz,
  revoke_attempts integer not null default 0,
  revoke_problem text,
  revoked_at timestamptz,
  check ((revoke_requested_at is null) = (revoke_reason is null)),
  unique (certificate_id, chain_version),
  foreign key (server_id, tenant_id, organisation_id)
    references servers (id, tenant_id, organisation_id) on delete cascade,
  foreign key (certificate_id, tenant_id, organisation_id)
    references certificates (id, tenant_id, organisation_id) on delete cascade
);
create index issued_certificates_certificate on issued_certificates (certificate_id, issued_at desc);
create index issued_certificates_server on issued_certificates (server_id);
create index issued_certificates_revoke on issued_certificates (next_revoke_at) where next_revoke_at is not null;

-- ---------------------------------------------------------------- names that do not lead here yet

-- One row for each domain on a server that has no certificate of its own, and whose names are looked at by themselves.
create table certificate_looks (
  domain_id uuid not null,
  server_id uuid not null,
  organisation_id uuid not null,
  tenant_id uuid not null,
  looked_at timestamptz not null,
  next_look_at timestamptz not null,
  -- Why nothing was ordered.
  sentence text not null,
  primary key (domain_id, server_id),
  foreign key (domain_id, tenant_id, organisation_id)
    references domains (id, tenant_id, organisation_id) on delete cascade,
  foreign key (server_id, tenant_id, organisation_id)
    references servers (id, tenant_id, organisation_id) on delete cascade
);
create index certificate_looks_server on certificate_looks (server_id);

-- ---------------------------------------------------------------- row level security and grants

do $$
declare
  name text;
begin
  foreach name in array array['acme_settings', 'issued_certificates', 'certificate_looks'] loop
    execute format('alter table public.%I enable row level security', name);
    execute format('alter table public.%I force row level security', name);
    execute format('create policy system_rows on public.%I to mailstead_system using (true)', name);
  end loop;
  foreach name in array array['issued_certificates', 'certificate_looks'] loop
    execute format($policy$
      create policy app_rows on public.%I to mailstead_app
      using (organisation_id = (select public.current_organisation_id())
        and ((select public.current_tenant_id()) is null or tenant_id = (select public.current_tenant_id())))
    $policy$, name);
  end loop;
end
$$;

-- The organisation's alone: who sees one customer reads what concerns them through the organisation's context.
create policy app_rows on acme_settings to mailstead_app
  using (organisation_id = (select public.current_organisation_id())
    and (select public.current_tenant_id()) is null);

grant select (organisation_id, directory_url, root_certificates, contact, eab_key_id, terms_agreed_at, terms_agreed_by,
  is_automatic, changed_at), insert, update on acme_settings to mailstead_app;
grant select, insert, update on acme_settings to mailstead_system;
grant update (contact, root_certificates) on acme_accounts to mailstead_system;
grant select, insert, update, delete on issued_certificates, certificate_looks to mailstead_app;
grant select (id, organisation_id, certificate_id, next_revoke_at) on issued_certificates to mailstead_system;
grant select (domain_id, server_id, next_look_at) on certificate_looks to mailstead_system;
grant select (server_id, domain_id) on certificates to mailstead_system;
