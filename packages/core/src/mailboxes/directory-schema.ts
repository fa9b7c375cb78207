/**
 * The SQLite directory of a server: one writer, the agent, and readers (Postfix, Dovecot) that may only read the file.
 * It keeps a rollback journal. A write-ahead log needs a shared-memory file that readers without write permission
 * cannot make, so that they would fail whenever the agent is not there. docs/decisions/0006 weighs it.
 */
export const directorySchemaSql = `
CREATE TABLE IF NOT EXISTS domains (name TEXT PRIMARY KEY) WITHOUT ROWID;

-- Domains whose mailboxes are on another server, to which their mail goes on.
CREATE TABLE IF NOT EXISTS relayed_domains (name TEXT PRIMARY KEY) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS mailboxes (
  address TEXT PRIMARY KEY,
  mailbox_id TEXT NOT NULL,
  local_part TEXT NOT NULL,
  domain TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  quota_bytes INTEGER NOT NULL CHECK (quota_bytes >= 0),
  is_enabled INTEGER NOT NULL CHECK (is_enabled IN (0, 1))
) WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS mailboxes_of_domain ON mailboxes (domain, is_enabled, local_part);

CREATE TABLE IF NOT EXISTS aliases (address TEXT PRIMARY KEY) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS alias_destinations (
  alias TEXT NOT NULL REFERENCES aliases (address) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  destination TEXT NOT NULL,
  -- The destination in lower case and without its detail, as mailboxes and aliases are named.
  target TEXT NOT NULL,
  PRIMARY KEY (alias, position)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS alias_senders (
  alias TEXT NOT NULL REFERENCES aliases (address) ON DELETE CASCADE,
  mailbox TEXT NOT NULL,
  PRIMARY KEY (alias, mailbox)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS directory_position (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  epoch INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  chain TEXT NOT NULL
);
INSERT OR IGNORE INTO directory_position (id, epoch, revision, chain) VALUES (1, 0, 0, '');

-- Accounts that may not send for now. No change of the directory touches these: only a person's word, or the agent's own.
CREATE TABLE IF NOT EXISTS held_accounts (
  address TEXT PRIMARY KEY,
  since_ms INTEGER NOT NULL,
  held_by TEXT NOT NULL CHECK (held_by IN ('agent', 'person'))
) WITHOUT ROWID;

-- Messages in the queue that were put on hold with them, so that releasing an account releases these and no others.
CREATE TABLE IF NOT EXISTS held_messages (
  queue_id TEXT PRIMARY KEY,
  address TEXT NOT NULL
) WITHOUT ROWID;

-- Who receives for domains of others, as the names of the hosts showed that took mail for them. Kept over every epoch.
CREATE TABLE IF NOT EXISTS provider_domains (
  name TEXT PRIMARY KEY,
  provider TEXT NOT NULL,
  seen_on TEXT NOT NULL
) WITHOUT ROWID;

-- Whose open sessions are still to be ended. Numbers are never used again, so that one who is due anew is not forgotten.
CREATE TABLE IF NOT EXISTS pending_sign_outs (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  address TEXT NOT NULL
);
`;

/** Run on every connection that writes. Readers are locked out only while a commit copies its pages to the file. */
export const directoryWriterPragmas = [
  "PRAGMA journal_mode = DELETE",
  "PRAGMA synchronous = FULL",
  "PRAGMA foreign_keys = ON",
  // Without this a long transaction would take the exclusive lock when its cache is full, long before it commits.
  "PRAGMA cache_spill = OFF",
  "PRAGMA busy_timeout = 10000",
] as const;
