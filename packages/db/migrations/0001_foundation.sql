-- Runs as mailstead_owner. Every table carries organisation_id (and tenant_id where a customer owns the row),
-- and row level security is forced on every table: no context, no rows.
-- Composite foreign keys repeat organisation_id and tenant_id, because foreign key checks bypass row level
-- security: without them a row of one organisation could point into another.

create function current_organisation_id() returns uuid language sql stable
  return nullif(current_setting('mailstead.organisation_id', true), '')::uuid;
create function current_tenant_id() returns uuid language sql stable
  return nullif(current_setting('mailstead.tenant_id', true), '')::uuid;

-- ---------------------------------------------------------------- access

create table organisations (
  id uuid primary key,
  name text not null check (length(name) between 1 and 200),
  created_at timestamptz not null
);

create table tenants (
  id uuid primary key,
  organisation_id uuid not null references organisations (id) on delete cascade,
  name text not null check (length(name) between 1 and 200),
  created_at timestamptz not null,
  unique (id, organisation_id)
);
create unique index tenants_name on tenants (organisation_id, lower(name));

create table users (
  id uuid primary key,
  organisation_id uuid not null references organisations (id) on delete cascade,
  -- Stored in lower case: a person signs in however the keyboard capitalises.
  email text not null unique check (email = lower(email)),
  name text not null,
  password_hash text not null,
  -- Grows when all sessions of the user are revoked; a session with an older version is over.
  session_version integer not null default 1,
  created_at timestamptz not null,
  disabled_at timestamptz,
  unique (id, organisation_id)
);
create index users_organisation on users (organisation_id);

create table memberships (
  id uuid primary key,
  organisation_id uuid not null,
  user_id uuid not null,
  -- Null for a role in the whole organisation.
  tenant_id uuid,
  role text not null check (role in ('owner', 'admin', 'technician', 'auditor')),
  created_at timestamptz not null,
  foreign key (user_id, organisation_id) references users (id, organisation_id) on delete cascade,
  foreign key (tenant_id, organisation_id) references tenants (id, organisation_id) on delete cascade
);
create unique index memberships_one_role on memberships
  (user_id, coalesce(tenant_id, '00000000-0000-0000-0000-000000000000'));
create index memberships_tenant on memberships (tenant_id);

create table sessions (
  id uuid primary key,
  organisation_id uuid not null,
  user_id uuid not null,
  session_version integer not null,
  created_at timestamptz not null,
  last_used_at timestamptz not null,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  ip_address text not null,
  user_agent text not null,
  foreign key (user_id, organisation_id) references users (id, organisation_id) on delete cascade
);
create index sessions_user on sessions (user_id, created_at desc);

-- One-time links that create the first owner. organisation_id is known only once the link is used.
create table owner_links (
  id uuid primary key,
  organisation_id uuid references organisations (id) on delete cascade,
  token_hash text not null unique,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);

-- Sign-in attempts happen before an organisation is known, so organisation_id stays null.
create table sign_in_attempts (
  id bigint generated always as identity primary key,
  organisation_id uuid,
  -- A digest of the address typed or of the client's IP address; neither is kept in clear.
  subject text not null,
  attempted_at timestamptz not null
);
create index sign_in_attempts_subject on sign_in_attempts (subject, attempted_at);

create table audit_entries (
  id uuid primary key,
  organisation_id uuid not null references organisations (id) on delete cascade,
  tenant_id uuid,
  actor_kind text not null check (actor_kind in ('user', 'agent', 'system')),
  actor_id uuid,
  actor_name text not null,
  action text not null,
  subject_kind text not null,
  subject_id uuid,
  subject_name text not null,
  before jsonb,
  after jsonb,
  request_id text not null,
  at timestamptz not null,
  foreign key (tenant_id, organisation_id) references tenants (id, organisation_id) on delete set null (tenant_id)
);
create index audit_entries_time on audit_entries (organisation_id, at desc, id desc);
create index audit_entries_subject on audit_entries (subject_id, at desc);

-- ---------------------------------------------------------------- servers

-- Gateways belong to the installation, not to an organisation; only the system role sees them.
create table gateways (
  id uuid primary key,
  organisation_id uuid,
  name text not null,
  started_at timestamptz not null,
  heartbeat_at timestamptz not null
);

create table servers (
  id uuid primary key,
  organisation_id uuid not null,
  tenant_id uuid not null,
  name text not null check (length(name) between 1 and 100),
  hostname text not null,
  enrolment_state text not null default 'awaiting-agent'
    check (enrolment_state in ('awaiting-agent', 'enrolled', 'quarantined')),
  -- The gateway that holds the agent's connection; null while the server is offline.
  gateway_id uuid references gateways (id) on delete set null,
  connected_at timestamptz,
  last_seen_at timestamptz,
  facts jsonb,
  facts_at timestamptz,
  observed jsonb,
  observed_at timestamptz,
  has_drift boolean not null default false,
  install_requested_at timestamptz,
  target_revision integer not null default 0,
  -- The revision that the host last reported as applied; 0 until it has been installed.
  applied_revision integer not null default 0,
  directory_epoch integer not null default 1,
  directory_revision integer not null default 0,
  directory_chain text not null default '',
  applied_directory_epoch integer not null default 0,
  applied_directory_revision integer not null default 0,
  next_job_sequence bigint not null default 1,
  created_at timestamptz not null,
  unique (id, tenant_id, organisation_id),
  foreign key (tenant_id, organisation_id) references tenants (id, organisation_id)
);
create unique index servers_hostname on servers (organisation_id, hostname);
create index servers_tenant on servers (tenant_id);
create index servers_gateway on servers (gateway_id) where gateway_id is not null;

create table agents (
  id uuid primary key,
  organisation_id uuid not null,
  tenant_id uuid not null,
  server_id uuid not null unique,
  -- Raw 32-byte keys, base64.
  public_key text not null,
  sealing_key text not null,
  machine_id text not null,
  hostname text not null,
  agent_version text not null,
  protocol_version integer not null,
  boot_id text,
  session_counter bigint not null default 0,
  enrolled_at timestamptz not null,
  quarantined_at timestamptz,
  foreign key (server_id, tenant_id, organisation_id)
    references servers (id, tenant_id, organisation_id) on delete cascade
);
create unique index agents_machine on agents (organisation_id, machine_id);

create table enrolment_tokens (
  id uuid primary key,
  organisation_id uuid not null,
  tenant_id uuid not null,
  server_id uuid not null,
  token_hash text not null unique,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  foreign key (server_id, tenant_id, organisation_id)
    references servers (id, tenant_id, organisation_id) on delete cascade
);
create index enrolment_tokens_server on enrolment_tokens (server_id);

create table target_states (
  server_id uuid not null,
  revision integer not null,
  organisation_id uuid not null,
  tenant_id uuid not null,
  -- The exact text that was digested: jsonb would give back other bytes.
  document text not null,
  digest text not null,
  author_id uuid,
  author_name text not null,
  summary text not null,
  created_at timestamptz not null,
  primary key (server_id, revision),
  foreign key (server_id, tenant_id, organisation_id)
    references servers (id, tenant_id, organisation_id) on delete cascade
);

-- Relay passwords sealed with the master key, so that they can be sealed again for another server.
create table relay_secrets (
  server_id uuid not null,
  senders_of text not null,
  organisation_id uuid not null,
  tenant_id uuid not null,
  box text not null,
  created_at timestamptz not null,
  primary key (server_id, senders_of),
  foreign key (server_id, tenant_id, organisation_id)
    references servers (id, tenant_id, organisation_id) on delete cascade
);

-- ---------------------------------------------------------------- domains, mailboxes

create table domains (
  id uuid primary key,
  organisation_id uuid not null,
  tenant_id uuid not null,
  -- Lower case A-labels, ready for DNS and configuration files.
  name text not null check (name = lower(name)),
  created_at timestamptz not null,
  unique (id, tenant_id, organisation_id),
  foreign key (tenant_id, organisation_id) references tenants (id, organisation_id)
);
create unique index domains_name on domains (organisation_id, name);
create index domains_tenant on domains (tenant_id);

-- The servers that host a domain.
create table domain_servers (
  domain_id uuid not null,
  server_id uuid not null,
  organisation_id uuid not null,
  tenant_id uuid not null,
  created_at timestamptz not null,
  primary key (domain_id, server_id),
  foreign key (domain_id, tenant_id, organisation_id)
    references domains (id, tenant_id, organisation_id) on delete cascade,
  foreign key (server_id, tenant_id, organisation_id) references servers (id, tenant_id, organisation_id)
);
create index domain_servers_server on domain_servers (server_id);

-- Public halves as the host reported them; the private halves stay on the host.
create table dkim_keys (
  id uuid primary key,
  organisation_id uuid not null,
  tenant_id uuid not null,
  domain_id uuid not null,
  server_id uuid not null,
  selector text not null,
  algorithm text not null check (algorithm in ('rsa-2048', 'ed25519')),
  -- Base64 of the p= tag; null until the host has made the key.
  public_key text,
  is_signing boolean not null default false,
  created_at timestamptz not null,
  reported_at timestamptz,
  foreign key (domain_id, tenant_id, organisation_id)
    references domains (id, tenant_id, organisation_id) on delete cascade,
  foreign key (server_id, tenant_id, organisation_id)
    references servers (id, tenant_id, organisation_id) on delete cascade
);
create unique index dkim_keys_selector on dkim_keys (domain_id, selector);
create index dkim_keys_server on dkim_keys (server_id);

create table dns_checks (
  id uuid primary key,
  organisation_id uuid not null,
  tenant_id uuid not null,
  domain_id uuid not null,
  checked_at timestamptz not null,
  report jsonb not null,
  foreign key (domain_id, tenant_id, organisation_id)
    references domains (id, tenant_id, organisation_id) on delete cascade
);
create index dns_checks_latest on dns_checks (domain_id, checked_at desc);

create table mailboxes (
  id uuid primary key,
  organisation_id uuid not null,
  tenant_id uuid not null,
  domain_id uuid not null,
  local_part text not null check (local_part = lower(local_part)),
  password_hash text not null,
  -- 0 means no limit.
  quota_bytes bigint not null check (quota_bytes >= 0),
  is_enabled boolean not null default true,
  created_at timestamptz not null,
  foreign key (domain_id, tenant_id, organisation_id)
    references domains (id, tenant_id, organisation_id)
);
create unique index mailboxes_address on mailboxes (domain_id, local_part);

create table aliases (
  id uuid primary key,
  organisation_id uuid not null,
  tenant_id uuid not null,
  domain_id uuid not null,
  -- Empty for the catch-all of the domain.
  local_part text not null check (local_part = lower(local_part)),
  destinations text[] not null check (cardinality(destinations) between 1 and 200),
  created_at timestamptz not null,
  foreign key (domain_id, tenant_id, organisation_id)
    references domains (id, tenant_id, organisation_id)
);
create unique index aliases_address on aliases (domain_id, local_part);
create index aliases_destination on aliases using gin (destinations);

-- The mail directory of a server as the append-only log that its agent follows.
create table directory_changes (
  server_id uuid not null,
  epoch integer not null,
  revision integer not null,
  organisation_id uuid not null,
  tenant_id uuid not null,
  op text not null check (op in ('upsert', 'delete')),
  entry_kind text not null check (entry_kind in ('domain', 'mailbox', 'alias')),
  key text not null,
  entry jsonb,
  chain text not null,
  created_at timestamptz not null,
  primary key (server_id, epoch, revision),
  foreign key (server_id, tenant_id, organisation_id)
    references servers (id, tenant_id, organisation_id) on delete cascade
);

-- ---------------------------------------------------------------- jobs

create table jobs (
  id uuid primary key,
  organisation_id uuid not null,
  tenant_id uuid not null,
  server_id uuid not null,
  sequence bigint not null,
  lane text not null check (lane in ('change', 'diagnostic')),
  verb text not null,
  args jsonb not null,
  state text not null default 'queued' check (state in ('queued', 'dispatched', 'accepted', 'running',
    'succeeded', 'failed', 'timed-out', 'cancelled', 'unknown')),
  -- The exact text that the worker signed; null until it did.
  signed_order text,
  signature text,
  key_fingerprint text,
  gateway_id uuid references gateways (id) on delete set null,
  progress_number integer not null default 0,
  outcome jsonb,
  requested_by text not null,
  requested_by_id uuid,
  created_at timestamptz not null,
  signed_at timestamptz,
  dispatched_at timestamptz,
  accepted_at timestamptz,
  started_at timestamptz,
  ended_at timestamptz,
  cancel_requested_at timestamptz,
  -- Until when it may be delivered; once it runs, until when it must have ended.
  deadline_at timestamptz not null,
  unique (id, tenant_id, organisation_id),
  foreign key (server_id, tenant_id, organisation_id)
    references servers (id, tenant_id, organisation_id) on delete cascade
);
create unique index jobs_sequence on jobs (server_id, sequence);
create index jobs_open on jobs (server_id, lane, sequence)
  where state in ('queued', 'dispatched', 'accepted', 'running', 'unknown');
create index jobs_deadline on jobs (deadline_at)
  where state in ('queued', 'dispatched', 'accepted', 'running', 'unknown');
create index jobs_recent on jobs (organisation_id, created_at desc, id desc);
create index jobs_of_server on jobs (server_id, created_at desc);

create table job_events (
  job_id uuid not null,
  number integer not null,
  organisation_id uuid not null,
  tenant_id uuid not null,
  at timestamptz not null,
  body jsonb not null,
  primary key (job_id, number),
  foreign key (job_id, tenant_id, organisation_id)
    references jobs (id, tenant_id, organisation_id) on delete cascade
);

-- Intent that commits together with the row it is about; the relay takes it up and deletes it.
create table outbox (
  id bigint generated always as identity primary key,
  organisation_id uuid not null,
  tenant_id uuid,
  kind text not null,
  subject_id uuid not null,
  created_at timestamptz not null
);

-- ---------------------------------------------------------------- row level security

do $$
declare
  name text;
begin
  for name in select tablename from pg_tables where schemaname = 'public' loop
    execute format('alter table public.%I enable row level security', name);
    execute format('alter table public.%I force row level security', name);
  end loop;

  -- Rows that a customer owns: of this organisation, and of this tenant when the context names one.
  foreach name in array array['audit_entries', 'servers', 'agents', 'enrolment_tokens', 'target_states',
    'relay_secrets', 'domains', 'domain_servers', 'dkim_keys', 'dns_checks', 'mailboxes', 'aliases',
    'directory_changes', 'jobs', 'job_events', 'outbox', 'memberships'] loop
    execute format($policy$
      create policy app_rows on public.%I to mailstead_app
      using (organisation_id = (select public.current_organisation_id())
        and ((select public.current_tenant_id()) is null or tenant_id = (select public.current_tenant_id())))
    $policy$, name);
  end loop;

  -- The gateway and the worker serve every organisation; what they may do is bounded by grants.
  foreach name in array array['organisations', 'tenants', 'owner_links', 'audit_entries', 'gateways', 'servers',
    'agents', 'enrolment_tokens', 'target_states', 'domains', 'domain_servers', 'dkim_keys', 'dns_checks',
    'mailboxes', 'aliases', 'directory_changes', 'jobs', 'job_events', 'outbox'] loop
    execute format('create policy system_rows on public.%I to mailstead_system using (true)', name);
  end loop;
end
$$;

create policy app_rows on organisations to mailstead_app
  using (id = (select public.current_organisation_id()));
create policy app_rows on tenants to mailstead_app
  using (organisation_id = (select public.current_organisation_id())
    and ((select public.current_tenant_id()) is null or id = (select public.current_tenant_id())));
-- Within a tenant only the people of that tenant are seen; memberships is itself limited to the context.
create policy app_rows on users to mailstead_app
  using (organisation_id = (select public.current_organisation_id())
    and ((select public.current_tenant_id()) is null
      or exists (select from public.memberships m where m.user_id = users.id)));
create policy app_rows on sessions to mailstead_app
  using (organisation_id = (select public.current_organisation_id())
    and ((select public.current_tenant_id()) is null
      or exists (select from public.memberships m where m.user_id = sessions.user_id)));

-- ---------------------------------------------------------------- grants

grant usage on schema public to mailstead_app, mailstead_system, mailstead_sign_in;

grant select, update (name) on organisations to mailstead_app;
grant select, insert, delete, update (name) on tenants to mailstead_app;
-- password_hash is never selected by the web: find_credentials hands out one at a time.
grant select (id, organisation_id, email, name, session_version, created_at, disabled_at),
  insert, delete, update (name, password_hash, session_version, disabled_at) on users to mailstead_app;
grant select, insert, update, delete on memberships, sessions to mailstead_app;
-- Append only: nobody holds update or delete.
grant select, insert on audit_entries to mailstead_app, mailstead_system;

grant select, insert, update, delete on servers, enrolment_tokens, relay_secrets, domains, domain_servers,
  dkim_keys, dns_checks, mailboxes, aliases to mailstead_app;
grant select, delete on agents to mailstead_app;
grant select, insert on target_states, directory_changes to mailstead_app;
-- The signature cannot be updated here, and a forged one opens nothing: the agent checks it against its own key.
grant select, insert, update (state, args, deadline_at, cancel_requested_at, ended_at, outcome)
  on jobs to mailstead_app;
grant select on job_events to mailstead_app;
grant select, insert on outbox to mailstead_app;

grant select on organisations, tenants, target_states, domains, domain_servers, mailboxes, aliases,
  directory_changes to mailstead_system;
grant select, insert on owner_links to mailstead_system;
grant select, insert, update, delete on gateways, outbox to mailstead_system;
grant select, insert, update, delete on agents to mailstead_system;
grant select, update (enrolment_state, gateway_id, connected_at, last_seen_at, facts, facts_at, observed,
  observed_at, has_drift, applied_revision, applied_directory_epoch, applied_directory_revision,
  next_job_sequence) on servers to mailstead_system;
grant select, update (used_at) on enrolment_tokens to mailstead_system;
grant select, update (public_key, reported_at) on dkim_keys to mailstead_system;
grant select, insert on dns_checks to mailstead_system;
grant select, insert, update on jobs to mailstead_system;
grant select, insert on job_events to mailstead_system;

-- ---------------------------------------------------------------- before an organisation is known

-- These functions run as mailstead_sign_in, which may touch nothing but what they need.
grant select, insert on users, memberships, organisations to mailstead_sign_in;
grant select, update (last_used_at) on sessions to mailstead_sign_in;
grant select, update (used_at, organisation_id) on owner_links to mailstead_sign_in;
grant select, insert, delete on sign_in_attempts to mailstead_sign_in;
create policy sign_in_rows on users to mailstead_sign_in using (true);
create policy sign_in_rows on memberships to mailstead_sign_in using (true);
create policy sign_in_rows on organisations to mailstead_sign_in using (true);
create policy sign_in_rows on sessions to mailstead_sign_in using (true);
create policy sign_in_rows on owner_links to mailstead_sign_in using (true);
create policy sign_in_rows on sign_in_attempts to mailstead_sign_in using (true);

create function find_credentials(wanted_email text)
  returns table (user_id uuid, organisation_id uuid, name text, password_hash text, session_version integer)
  language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select u.id, u.organisation_id, u.name, u.password_hash, u.session_version
  from public.users u where u.email = wanted_email and u.disabled_at is null;
end;

-- A session counts while it is neither revoked nor expired and its user's sessions were not revoked since.
create function find_session(wanted_id uuid, at timestamptz)
  returns table (session_id uuid, user_id uuid, organisation_id uuid, organisation_name text, email text,
    name text, session_version integer, created_at timestamptz, last_used_at timestamptz, expires_at timestamptz)
  language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select s.id, u.id, u.organisation_id, o.name, u.email, u.name, s.session_version, s.created_at,
    s.last_used_at, s.expires_at
  from public.sessions s
  join public.users u on u.id = s.user_id
  join public.organisations o on o.id = u.organisation_id
  where s.id = wanted_id and s.revoked_at is null and s.expires_at > at
    and s.session_version = u.session_version and u.disabled_at is null;
end;

-- Counts an attempt and says how many the subject has made since the window began, this one included.
create function count_sign_in_attempt(wanted_subject text, at timestamptz, window_start timestamptz)
  returns integer
  language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
  delete from public.sign_in_attempts where subject = wanted_subject and attempted_at < window_start;
  insert into public.sign_in_attempts (subject, attempted_at) values (wanted_subject, at);
  select count(*)::integer from public.sign_in_attempts where subject = wanted_subject;
end;

create function forget_sign_in_attempts(wanted_subject text) returns void
  language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
  delete from public.sign_in_attempts where subject = wanted_subject;
end;

-- Uses up a one-time link and makes the organisation with its owner; false when the link does not count.
create function create_first_owner(link_hash text, at timestamptz, new_organisation_id uuid,
  organisation_name text, new_user_id uuid, user_name text, user_email text, user_password_hash text,
  new_membership_id uuid) returns boolean
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  update public.owner_links set used_at = at
    where token_hash = link_hash and used_at is null and expires_at > at;
  if not found then return false; end if;
  insert into public.organisations (id, name, created_at) values (new_organisation_id, organisation_name, at);
  insert into public.users (id, organisation_id, email, name, password_hash, created_at)
    values (new_user_id, new_organisation_id, user_email, user_name, user_password_hash, at);
  insert into public.memberships (id, organisation_id, user_id, role, created_at)
    values (new_membership_id, new_organisation_id, new_user_id, 'owner', at);
  update public.owner_links set organisation_id = new_organisation_id where token_hash = link_hash;
  return true;
end
$$;

do $$
declare
  signature text;
begin
  grant create on schema public to mailstead_sign_in;
  foreach signature in array array[
    'find_credentials(text)', 'find_session(uuid, timestamptz)',
    'count_sign_in_attempt(text, timestamptz, timestamptz)', 'forget_sign_in_attempts(text)',
    'create_first_owner(text, timestamptz, uuid, text, uuid, text, text, text, uuid)'] loop
    execute format('alter function public.%s owner to mailstead_sign_in', signature);
    execute format('revoke all on function public.%s from public', signature);
    execute format('grant execute on function public.%s to mailstead_app', signature);
  end loop;
  revoke create on schema public from mailstead_sign_in;
end
$$;
