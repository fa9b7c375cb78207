/** Where the parts of the mail stack lie on a host; both suites share them. */
export const stackPaths = {
  postfix: "/etc/postfix",
  postfixTables: "/etc/postfix/mailstead",
  dovecot: "/etc/dovecot",
  dovecotSieve: "/etc/dovecot/sieve",
  /** Compiled global sieve scripts; the mail user writes here, so nothing that is trusted is read from here. */
  sieveBinaries: "/var/lib/mailstead-sieve",
  programs: "/usr/local/lib/mailstead",
  /** Sends for the sieve script of a mailbox; its first argument is the mailbox's addresses, comma separated. */
  scriptSender: "/usr/local/lib/mailstead/send-from-script",
  sievePrograms: "/usr/local/lib/mailstead/sieve",
  rspamd: "/etc/rspamd",
  rspamdMaps: "/etc/rspamd/mailstead",
  dkimKeys: "/var/lib/mailstead-dkim",
  directory: "/var/lib/mailstead-directory",
  directoryDatabase: "/var/lib/mailstead-directory/directory.sqlite",
  mailboxes: "/var/vmail",
  tls: "/etc/ssl/mailstead",
  certificate: "/etc/ssl/mailstead/certificate.pem",
  certificateKey: "/etc/ssl/mailstead/key.pem",
  bans: "/etc/mailstead-bans.nft",
  milterSocket: "/run/rspamd/milter.sock",
  redisSocket: "/run/redis/redis-server.sock",
  knotConf: "/etc/knot/knot.conf",
  knotKeys: "/etc/knot/mailstead-keys.conf",
  knotZones: "/etc/knot/mailstead-zones",
  /** Keys and journal of the zones; made and written by Knot alone. */
  knotState: "/var/lib/knot",
  clamdSocket: "/run/clamav/clamd.ctl",
} as const;

/** Names the addresses of the mailbox whose sieve script sends a message; taken away before the message leaves. */
export const scriptHeader = "X-Mailstead-Script-Of";

/** The account that owns every mailbox. The number is outside what Debian gives to people who are added by hand. */
export const mailUser = { name: "vmail", uid: 5000, gid: 5000, home: stackPaths.mailboxes } as const;

/** The private key file of a DKIM key; selectors hold no dot, so the name is unambiguous. */
export function dkimKeyPath(domain: string, selector: string): string {
  return `${stackPaths.dkimKeys}/${domain}.${selector}.key`;
}

/**
 * Sockets of Dovecot that Postfix uses. They lie in Dovecot's own folder and not in Postfix's spool, which does not
 * exist before Postfix has run once, so that either can start first.
 */
export const postfixSockets = {
  auth: "/run/dovecot/postfix-auth",
  lmtp: "/run/dovecot/postfix-lmtp",
  quotaStatus: "/run/dovecot/postfix-quota-status",
} as const;
