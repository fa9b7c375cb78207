import type { DirectoryAlias, DirectoryChange, DirectoryDomain, DirectoryMailbox } from "./directory.ts";

export interface DirectoryStatement {
  sql: string;
  parameters: readonly (string | number)[];
}

/**
 * What one change of the directory does to the SQLite file, to be run inside the transaction of its batch.
 * The same change run twice leaves the same rows. Throws when an upsert carries no entry of its kind.
 */
export function directoryStatements(change: DirectoryChange): readonly DirectoryStatement[] {
  const { entry, entryKind, key, op } = change;
  if (op === "delete") return deleteSql[entryKind].map((sql) => ({ sql, parameters: [key] }));
  if (entry?.kind !== entryKind)
    throw new Error(
      `The directory change ${change.revision} says ${entryKind} and carries ${entry?.kind ?? "nothing"}.`,
    );
  switch (entry.kind) {
    case "domain":
      return domainStatements(entry);
    case "mailbox":
      return [mailboxStatement(entry)];
    case "alias":
      return aliasStatements(entry);
  }
}

const deleteSql = {
  domain: ["DELETE FROM domains WHERE name = ?", "DELETE FROM relayed_domains WHERE name = ?"],
  mailbox: ["DELETE FROM mailboxes WHERE address = ?"],
  alias: ["DELETE FROM aliases WHERE address = ?"],
} as const;

/** A domain is either at home here or handed on. */
function domainStatements({ name, isRelayed }: DirectoryDomain): readonly DirectoryStatement[] {
  const [into, from] = isRelayed === true ? ["relayed_domains", "domains"] : ["domains", "relayed_domains"];
  return [
    { sql: `DELETE FROM ${from} WHERE name = ?`, parameters: [name] },
    { sql: `INSERT OR IGNORE INTO ${into} (name) VALUES (?)`, parameters: [name] },
  ];
}

function mailboxStatement(mailbox: DirectoryMailbox): DirectoryStatement {
  const [localPart, domain] = splitAddress(mailbox.address);
  return {
    sql: `INSERT INTO mailboxes (address, mailbox_id, local_part, domain, password_hash, quota_bytes, is_enabled)
VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (address) DO UPDATE SET
  mailbox_id = excluded.mailbox_id, password_hash = excluded.password_hash, quota_bytes = excluded.quota_bytes, is_enabled = excluded.is_enabled`,
    parameters: [
      mailbox.address,
      mailbox.mailboxId,
      localPart,
      domain,
      mailbox.passwordHash,
      mailbox.quotaBytes,
      mailbox.isEnabled ? 1 : 0,
    ],
  };
}

function aliasStatements(alias: DirectoryAlias): readonly DirectoryStatement[] {
  return [
    { sql: deleteSql.alias[0], parameters: [alias.address] },
    { sql: "INSERT INTO aliases (address) VALUES (?)", parameters: [alias.address] },
    ...alias.destinations.map((destination, position) => ({
      sql: "INSERT INTO alias_destinations (alias, position, destination, target) VALUES (?, ?, ?, ?)",
      parameters: [alias.address, position, destination, targetOf(destination)],
    })),
    ...alias.senders.map((mailbox) => ({
      sql: "INSERT OR IGNORE INTO alias_senders (alias, mailbox) VALUES (?, ?)",
      parameters: [alias.address, mailbox],
    })),
  ];
}

// No hosted local part holds a plus, so what follows one is always a detail.
function targetOf(destination: string): string {
  const [localPart, domain] = splitAddress(destination.toLowerCase());
  const plus = localPart.indexOf("+");
  return `${plus > 0 ? localPart.slice(0, plus) : localPart}@${domain}`;
}

function splitAddress(address: string): [localPart: string, domain: string] {
  const at = address.lastIndexOf("@");
  return [address.slice(0, at), address.slice(at + 1)];
}

/** Empties the directory, for the first batch of a new epoch. */
export const directoryResetStatements: readonly DirectoryStatement[] = [
  { sql: "DELETE FROM aliases", parameters: [] },
  { sql: "DELETE FROM mailboxes", parameters: [] },
  { sql: "DELETE FROM domains", parameters: [] },
  { sql: "DELETE FROM relayed_domains", parameters: [] },
];

/** Records how far the directory has come, in the transaction that brings it there. */
export function directoryPositionStatement(position: {
  epoch: number;
  revision: number;
  chain: string;
}): DirectoryStatement {
  return {
    sql: "UPDATE directory_position SET epoch = ?, revision = ?, chain = ? WHERE id = 1",
    parameters: [position.epoch, position.revision, position.chain],
  };
}

/** Answers one row of what a sign-in depends on, for one address or, for all, without a parameter. */
export const signInSql = {
  one: "SELECT address, mailbox_id || password_hash AS credential FROM mailboxes WHERE address = ? AND is_enabled = 1",
  all: "SELECT address, mailbox_id || password_hash AS credential FROM mailboxes WHERE is_enabled = 1",
} as const;

/** Sessions that are to be ended: noted in the transaction that makes them end, forgotten by number once they have. */
export const pendingSignOutSql = {
  add: "INSERT INTO pending_sign_outs (address) VALUES (?)",
  all: "SELECT number, address FROM pending_sign_outs ORDER BY number",
  removeUpTo: "DELETE FROM pending_sign_outs WHERE number <= ?",
} as const;

/** Answers one row of epoch, revision and chain. */
export const directoryPositionSql = "SELECT epoch, revision, chain FROM directory_position WHERE id = 1";
