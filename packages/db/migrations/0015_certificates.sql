-- Certificates of servers and of the mail domains on them. Private keys are made on the hosts and are in no table.

-- Our accounts at certificate authorities, one for each: they belong to the installation, and organisation_id is null.
create table acme_accounts (
  id uuid primary key,
  organisation_id uuid,
  directory_url text not null unique,
  url text not null,
  -- The account's private key, sealed for the worker alone.
  key_box text not null,
  -- RFC 7638 thumbprint of its public half, by which hosts answer HTTP-01 challenges.
  thumbprint text not null,
  contact text not null,
  created_at timestamptz not null
);

create table certificates (
  id uuid primary key,
  organisation_id uuid not null,
  tenant_id uuid not null,
  server_id uuid not null,
  -- null for the certificate of the host's own name.
  domain_id uuid,
  challenge text not null check (challenge in ('http-01', 'dns-01')),
  is_wildcard boolean not null default false,
  -- What is installed, or is first to be.
  names text[] not null,
  key_id uuid not null,
  chain text,
  chain_version text,
  issuer text,
  not_before timestamptz,
  not_after timestamptz,
  -- What is to follow with another key.
  next_key_id uuid,
  next_names text[],
  -- The key before, whose TLSA record goes once the host serves the revision that holds the new one.
  retiring_spki text,
  issued_revision integer,
  -- Since when all name servers have shown the next key's TLSA record.
  next_seen_since timestamptz,
  -- Set by a person who wants a new one now.
  requested_at timestamptz,
  renew_at timestamptz,
  -- The window that the authority wishes for (RFC 9773), and when it is asked for again.
  window_start timestamptz,
  window_end timestamptz,
  window_check_at timestamptz,
  -- When the worker looks again.
  next_attempt_at timestamptz not null,
  attempts integer not null default 0,
  problem text,
  problem_kind text check (problem_kind in ('temporary', 'permanent')),
  problem_at timestamptz,
  -- Records that a person publishes, because no provider is connected.
  to_paste jsonb not null default '[]',
  created_at timestamptz not null,
  unique (id, tenant_id, organisation_id),
  check (not is_wildcard or challenge = 'dns-01'),
  foreign key (server_id, tenant_id, organisation_id)
    references servers (id, tenant_id, organisation_id) on delete cascade,
  foreign key (domain_id, tenant_id, organisation_id)
    references domains (id, tenant_id, organisation_id) on delete cascade
);
create unique index certificates_of_host on certificates (server_id) where domain_id is null;
create unique index certificates_of_domain on certificates (server_id, domain_id) where domain_id is not null;
create index certificates_due on certificates (next_attempt_at);
create index certificates_domain on certificates (domain_id);

-- Keys as the host reported them. A key belongs to exactly one set of names.
create table certificate_keys (
  id uuid primary key,
  organisation_id uuid not null,
  tenant_id uuid not null,
  server_id uuid not null,
  certificate_id uuid not null,
  names text[] not null,
  -- Base64 of the certification request; null until the host has made the key.
  request text,
  -- Hex; the data of a TLSA record "3 1 1".
  spki_sha256 text,
  created_at timestamptz not null,
  reported_at timestamptz,
  foreign key (server_id, tenant_id, organisation_id)
    references servers (id, tenant_id, organisation_id) on delete cascade,
  foreign key (certificate_id, tenant_id, organisation_id)
    references certificates (id, tenant_id, organisation_id) on delete cascade
);
create index certificate_keys_server on certificate_keys (server_id);
create index certificate_keys_certificate on certificate_keys (certificate_id);

-- What is under way at an authority, so that a worker that died is followed by one that goes on.
create table acme_orders (
  id uuid primary key,
  organisation_id uuid not null,
  tenant_id uuid not null,
  certificate_id uuid not null,
  key_id uuid not null,
  directory_url text not null,
  url text not null,
  -- Challenge records that were published and are to be withdrawn: name and value.
  published jsonb not null default '[]',
  -- null while it is under way.
  ended_at timestamptz,
  outcome text check (outcome in ('issued', 'failed')),
  problem text,
  created_at timestamptz not null,
  foreign key (certificate_id, tenant_id, organisation_id)
    references certificates (id, tenant_id, organisation_id) on delete cascade
);
create unique index acme_orders_open on acme_orders (certificate_id) where ended_at is null;
create index acme_orders_certificate on acme_orders (certificate_id, created_at desc);

do $$
declare
  name text;
begin
  foreach name in array array['acme_accounts', 'certificates', 'certificate_keys', 'acme_orders'] loop
    execute format('alter table public.%I enable row level security', name);
    execute format('alter table public.%I force row level security', name);
  end loop;
  foreach name in array array['certificates', 'certificate_keys', 'acme_orders'] loop
    execute format($policy$
      create policy app_rows on public.%I to mailstead_app
      using (organisation_id = (select public.current_organisation_id())
        and ((select public.current_tenant_id()) is null or tenant_id = (select public.current_tenant_id())))
    $policy$, name);
  end loop;
end
$$;

grant select, insert, update, delete on certificates, certificate_keys, acme_orders to mailstead_app;

-- The worker finds what is due across organisations, and signs in at the authorities. The web reaches no account.
create policy system_rows on certificates to mailstead_system using (true);
create policy system_rows on acme_accounts to mailstead_system using (true);
grant select (id, organisation_id, next_attempt_at) on certificates to mailstead_system;
grant select, insert, delete on acme_accounts to mailstead_system;

-- The gateway records what hosts report of their keys, and nothing else of a certificate.
create policy gateway_rows on certificate_keys to mailstead_gateway using (true);
create policy system_rows on certificate_keys to mailstead_system using (true);
grant select (id, server_id, spki_sha256, request), update (request, spki_sha256, reported_at)
  on certificate_keys to mailstead_gateway, mailstead_system;
