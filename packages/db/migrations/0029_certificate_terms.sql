-- What an authority's terms are and what of them was agreed to, and certificates that outlive what they were issued for.

-- ---------------------------------------------------------------- terms

alter table acme_settings
  -- As the directory names them now (RFC 8555 §7.1.1); null when it names none or was not read yet.
  add column terms_url text,
  -- As it named them when they were agreed to.
  add column terms_agreed_url text,
  add column directory_read_at timestamptz,
  -- Why it could not be read the last time.
  add column directory_problem text,
  add column directory_attempts integer not null default 0,
  -- null: at once.
  add column next_directory_look_at timestamptz;

grant select (terms_url, terms_agreed_url, directory_read_at, directory_problem) on acme_settings to mailstead_app;

-- ---------------------------------------------------------------- certificates of what was removed

-- A certificate is valid until it ends, whatever became of its server, its domain or its customer, and may have to be
-- revoked. So its row stays; certificate_id and server_id may lead nowhere by then.
alter table issued_certificates
  drop constraint issued_certificates_server_id_tenant_id_organisation_id_fkey,
  drop constraint issued_certificates_certificate_id_tenant_id_organisation__fkey,
  add foreign key (organisation_id) references organisations (id) on delete cascade,
  add column domain_id uuid,
  -- The domain that it was issued for, or the server's own name, and where it was installed.
  add column title text,
  add column server_name text;

-- The owner is bound by row level security too, and would else see none of the rows.
alter table issued_certificates no force row level security;
alter table certificates no force row level security;
alter table servers no force row level security;
alter table domains no force row level security;
update issued_certificates
  set domain_id = certificates.domain_id, title = coalesce(domains.name, servers.hostname), server_name = servers.name
  from certificates
    join servers on servers.id = certificates.server_id
    left join domains on domains.id = certificates.domain_id
  where certificates.id = issued_certificates.certificate_id;
alter table issued_certificates force row level security;
alter table certificates force row level security;
alter table servers force row level security;
alter table domains force row level security;
alter table issued_certificates alter column title set not null, alter column server_name set not null;
