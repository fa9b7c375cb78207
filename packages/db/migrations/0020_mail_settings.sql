-- What a customer wishes for a domain's mail beyond what its servers say of themselves.

alter table domains
  -- Set for a domain that neither sends nor receives, and is therefore on no server.
  add column is_without_mail boolean not null default false,
  -- Null while nothing was wished for; its shape is in the core.
  add column mail_settings jsonb,
  -- What the names in the SPF record led to when they were last looked up, for those who want it flattened.
  add column flattened_spf jsonb;

-- Under which name, and for which of our accounts there, the authority of a certificate wants to be in CAA records.
alter table certificates
  add column caa_issuer text,
  add column account_url text;
