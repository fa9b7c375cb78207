/**
 * The questions that Postfix asks the directory, in the language of sqlite_table(5): `%s` is the key, `%u` and `%d` its
 * two halves, all quoted by Postfix. Each is one line, because a table's file holds one setting per line.
 */
export const lookupQueries = {
  domains: "SELECT name FROM domains WHERE name = '%s'",
  mailboxes: "SELECT address FROM mailboxes WHERE address = '%s' AND is_enabled = 1",
  disabledMailboxes:
    "SELECT '550 5.2.1 This mailbox is disabled' FROM mailboxes WHERE address = '%s' AND is_enabled = 0",
  // Temporary, so that what a person has written waits in their program until the account is released.
  heldAccounts:
    "SELECT '450 4.7.1 Sending from this account is held, ask its administrator' FROM held_accounts WHERE address = '%s'",
  senderLogins: oneLine(`
    SELECT address FROM mailboxes WHERE address = '%s' AND is_enabled = 1
    UNION
    SELECT s.mailbox FROM alias_senders s JOIN mailboxes m ON m.address = s.mailbox AND m.is_enabled = 1
    WHERE s.alias = '%s'`),
  aliases: expansionQuery("domains"),
  relayedDomains: "SELECT name FROM relayed_domains WHERE name = '%s'",
  // Whoever the home would take mail for, and nobody else: what it refused could only be bounced at a stranger.
  relayedRecipients: expansionQuery("relayed_domains"),
  relayedPostmasters:
    "SELECT name FROM relayed_domains WHERE name = '%d' AND '%u' IN ('postmaster', 'abuse')",
  // RFC 5321 §4.5.1 and RFC 2142 §5: where nobody has said who reads these, a mailbox of the domain does, the one that
  // is most likely an administrator's. A catch-all is somebody's word too, and root is there in a domain without mailboxes.
  postmasters: oneLine(`
    SELECT coalesce(
      (SELECT m.address FROM mailboxes m WHERE m.domain = '%d' AND m.is_enabled = 1
        ORDER BY m.local_part NOT IN ('admin', 'administrator', 'hostmaster', 'webmaster', 'it'),
          m.local_part NOT IN ('info', 'office', 'mail', 'contact', 'hello'), m.local_part LIMIT 1),
      'root@localhost')
    WHERE '%u' IN ('postmaster', 'abuse')
    AND EXISTS (SELECT 1 FROM domains WHERE name = '%d')
    AND NOT EXISTS (SELECT 1 FROM mailboxes WHERE address = '%s')
    AND NOT EXISTS (SELECT 1 FROM aliases WHERE address = '@%d')`),
} as const;

/**
 * Where mail to an address of the named domains goes. Every mailbox answers for itself too, so that the catch-all of its
 * domain does not take its mail. A destination that no enabled mailbox and no outside address is behind is left out: mail
 * to it could only bounce.
 */
function expansionQuery(domains: "domains" | "relayed_domains"): string {
  return oneLine(`
    SELECT d.destination FROM alias_destinations d
    WHERE d.alias = '%s' AND EXISTS (SELECT 1 FROM ${domains} h WHERE h.name = ${domainOf("d.alias")})
    AND NOT EXISTS (SELECT 1 FROM mailboxes m WHERE m.address = d.alias AND m.is_enabled = 0)
    AND EXISTS (
      WITH RECURSIVE walk (address) AS (
        SELECT d.target
        UNION
        SELECT n.target FROM walk JOIN alias_destinations n ON n.alias = ${expandsAs("walk.address")}
        WHERE NOT EXISTS (SELECT 1 FROM mailboxes m WHERE m.address = walk.address AND m.is_enabled = 0)
      )
      SELECT 1 FROM walk
      WHERE NOT EXISTS (SELECT 1 FROM domains o WHERE o.name = ${domainOf("walk.address")}
        UNION ALL SELECT 1 FROM relayed_domains o WHERE o.name = ${domainOf("walk.address")})
      OR EXISTS (SELECT 1 FROM mailboxes m WHERE m.address = walk.address AND m.is_enabled = 1)
    )
    UNION
    SELECT m.address FROM mailboxes m WHERE m.address = '%s' AND m.is_enabled = 1
    AND EXISTS (SELECT 1 FROM ${domains} h WHERE h.name = m.domain)
    AND NOT EXISTS (SELECT 1 FROM aliases a WHERE a.address = m.address)`);
}

function domainOf(address: string): string {
  return `substr(${address}, instr(${address}, '@') + 1)`;
}

/** Names the transport for mail whose envelope sender is a stranger's: mail that an alias or a sieve forwards. */
export function forwardedSenderQuery(options: { hostname: string; transport: string }): string {
  return oneLine(`
    SELECT '${options.transport}' WHERE '%d' <> '${options.hostname}'
    AND NOT EXISTS (SELECT 1 FROM domains WHERE name = '%d')
    AND NOT EXISTS (SELECT 1 FROM relayed_domains WHERE name = '%d')`);
}

/** Dovecot's names for what it puts into a question, quoted, and for the field that carries a quota. */
export interface DovecotVariables {
  user: string;
  /** The service that asks. */
  service: string;
  mailboxFolder: string;
  quotaField: string;
  /** The program by which a mailbox's sieve script sends mail. */
  scriptSender: string;
}

const isAtHome = "EXISTS (SELECT 1 FROM domains h WHERE h.name = mailboxes.domain)";

// Dovecot's processes tell each other of a mailbox in one line, which holds a few thousand characters.
const scriptAliasesMaxLength = 3000;

/**
 * The questions that Dovecot asks. The policy service that Postfix asks about quotas knows only the address that the
 * sender wrote, so there, and only there, an address that leads to one mailbox and nowhere else stands for it, by however
 * many aliases or a catch-all. One that leads to several is not looked at, because mail to it may reach the others.
 * Mailboxes of domains that are at home elsewhere have none here.
 */
export function dovecotQueries(variables: DovecotVariables) {
  const { user, service, mailboxFolder, quotaField, scriptSender } = variables;
  return {
    // Where its mailbox is not, a person signs in to send and for nothing else.
    password: oneLine(`SELECT address AS user, password_hash AS password FROM mailboxes
      WHERE address = '${user}' AND is_enabled = 1 AND password_hash <> '' AND (${isAtHome} OR '${service}' = 'smtp')`),
    user: oneLine(`
      SELECT address AS user, '${mailboxFolder}/' || domain || '/' || local_part || '/' || mailbox_id AS home, ${quotaField},
        '${scriptSender} ' || address || coalesce((SELECT ',' || group_concat(alias) FROM
          (SELECT alias, sum(length(alias) + 1) OVER (ORDER BY alias) AS total FROM alias_senders WHERE mailbox = mailboxes.address)
          WHERE total <= ${scriptAliasesMaxLength}), '') AS sendmail_path
      FROM mailboxes WHERE ${isAtHome} AND address = coalesce(
        (SELECT m.address FROM mailboxes m WHERE m.address = '${user}'),
        CASE WHEN '${service}' = 'quota-status' THEN (
          WITH RECURSIVE walk (address) AS (
            SELECT '${user}'
            UNION
            SELECT n.target FROM walk JOIN alias_destinations n ON n.alias = ${expandsAs("walk.address")}
          )
          SELECT max(walk.address) FROM walk
          WHERE NOT EXISTS (SELECT 1 FROM alias_destinations n WHERE n.alias = ${expandsAs("walk.address")})
          OR EXISTS (SELECT 1 FROM alias_destinations n WHERE n.alias = walk.address AND n.target = walk.address)
          HAVING count(*) = 1)
        END)`),
    iterate: `SELECT address AS user FROM mailboxes WHERE ${isAtHome}`,
  };
}

/** The alias that holds where an address leads: its own, or its domain's catch-all unless it has a mailbox. */
function expandsAs(address: string): string {
  return `CASE
    WHEN EXISTS (SELECT 1 FROM aliases a WHERE a.address = ${address}) THEN ${address}
    WHEN EXISTS (SELECT 1 FROM mailboxes m WHERE m.address = ${address}) THEN ${address}
    ELSE '@' || ${domainOf(address)} END`;
}

function oneLine(sql: string): string {
  return sql.trim().replaceAll(/\s+/g, " ");
}
