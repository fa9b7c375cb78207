import type { DirectoryStatement } from "./directory-statements.ts";

/** No name below it is in the world's DNS (RFC 2606 §2), so nobody outside can write to one by it. */
const probeDomains = ".probe.mailstead.invalid";
const probeSender = "mailstead-probe-";
const probeLocalPart = "probe";

/** The account by which a host tries its own mail, for as long as it tries. */
export interface ProbeAccount {
  readonly address: string;
  readonly domain: string;
  readonly mailboxId: string;
  /** A Dovecot password with its scheme. */
  readonly passwordHash: string;
  /** An address in a hosted domain that it may write as, and that is nobody's; null where no domain is to be tried. */
  readonly writesAs: string | null;
}

// A letter of a few kilobytes.
const quotaBytes = 10 * 1_048_576;

/**
 * An account that is nobody's: its domain and the address that it writes as are drawn anew for each try (`chance`, hex), so
 * that nobody knows them while they are there.
 */
export function probeAccount(input: {
  readonly chance: string;
  readonly mailboxId: string;
  readonly passwordHash: string;
  readonly writesInDomain: string | null;
}): ProbeAccount {
  const { chance, mailboxId, passwordHash, writesInDomain } = input;
  const domain = `${chance}${probeDomains}`;
  return {
    address: `${probeLocalPart}@${domain}`,
    domain,
    mailboxId,
    passwordHash,
    writesAs: writesInDomain === null ? null : `${probeSender}${chance}@${writesInDomain}`,
  };
}

/** True for the address of such an account: what is about it is no mail of anybody's. */
export function isProbeAddress(address: string): boolean {
  return address.toLowerCase().endsWith(probeDomains);
}

/** True for the name of a domain, or of the folder of its mailboxes, that only such an account had. */
export function isProbeDomain(name: string): boolean {
  return /^[0-9a-f]+$/.test(name.slice(0, -probeDomains.length)) && name.endsWith(probeDomains);
}

/** Puts the account into a host's directory, in a transaction of its caller; no revision of the directory tells of it. */
export function putProbeAccount(account: ProbeAccount): readonly DirectoryStatement[] {
  const { address, domain, mailboxId, passwordHash, writesAs } = account;
  return [
    ...clearProbeAccounts,
    { sql: "INSERT INTO domains (name) VALUES (?)", parameters: [domain] },
    {
      sql: `INSERT INTO mailboxes (address, mailbox_id, local_part, domain, password_hash, quota_bytes, is_enabled)
VALUES (?, ?, ?, ?, ?, ?, 1)`,
      parameters: [address, mailboxId, probeLocalPart, domain, passwordHash, quotaBytes],
    },
    ...(writesAs === null
      ? []
      : [
          { sql: "INSERT INTO aliases (address) VALUES (?)", parameters: [writesAs] },
          // Else the catch-all of its domain, which is somebody's, would answer for it.
          {
            sql: "INSERT INTO alias_destinations (alias, position, destination, target) VALUES (?, 0, ?, ?)",
            parameters: [writesAs, address, address],
          },
          {
            sql: "INSERT INTO alias_senders (alias, mailbox) VALUES (?, ?)",
            parameters: [writesAs, address],
          },
        ]),
  ];
}

/** Takes every such account out of it, also what a try that was killed has left. Rows of people are never touched. */
export const clearProbeAccounts: readonly DirectoryStatement[] = [
  {
    sql: `DELETE FROM aliases WHERE address LIKE ? AND address IN (SELECT alias FROM alias_destinations WHERE target LIKE ?)`,
    parameters: [`${probeSender}%`, `%${probeDomains}`],
  },
  { sql: "DELETE FROM mailboxes WHERE domain LIKE ?", parameters: [`%${probeDomains}`] },
  { sql: "DELETE FROM domains WHERE name LIKE ?", parameters: [`%${probeDomains}`] },
];

/** Answers a row for each such account. */
export const probeAccountsSql = `SELECT address FROM mailboxes WHERE domain LIKE '%${probeDomains}'`;
