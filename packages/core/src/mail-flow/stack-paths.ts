import { reportMailbox } from "../reports/index.ts";

/** Where the parts of the mail stack lie on a host; both suites share them. */
export const stackPaths = {
  postfix: "/etc/postfix",
  postfixTables: "/etc/postfix/mailstead",
  dovecot: "/etc/dovecot",
  dovecotSieve: "/etc/dovecot/sieve",
  /** Compiled global sieve scripts; the mail user writes here, so nothing that is trusted is read from here. */
  sieveBinaries: "/var/lib/mailstead-sieve",
  programs: "/usr/local/lib/mailstead",
  /** Puts a mail for reports aside for the agent. */
  reportKeeper: "/usr/local/lib/mailstead/keep-report",
  /** Sends for the sieve script of a mailbox; its first argument is the mailbox's addresses, comma separated. */
  scriptSender: "/usr/local/lib/mailstead/send-from-script",
  sievePrograms: "/usr/local/lib/mailstead/sieve",
  nginx: "/etc/nginx",
  nginxSites: "/etc/nginx/mailstead",
  rspamd: "/etc/rspamd",
  rspamdMaps: "/etc/rspamd/mailstead",
  dkimKeys: "/var/lib/mailstead-dkim",
  /** What Rspamd decided, a file for each hour; Rspamd writes and the agent reads and removes. */
  verdicts: "/var/lib/mailstead-verdicts",
  directory: "/var/lib/mailstead-directory",
  directoryDatabase: "/var/lib/mailstead-directory/directory.sqlite",
  mailboxes: "/var/vmail",
  tls: "/etc/ssl/mailstead",
  /** Chains with their keys, one folder for each that was ever installed of late; links lead to them. */
  certificateVersions: "/etc/ssl/mailstead/versions",
  certificate: "/etc/ssl/mailstead/certificate.pem",
  certificateKey: "/etc/ssl/mailstead/key.pem",
  /** Private TLS keys with their requests, whether or not a chain has come for them; root's alone. */
  tlsKeys: "/var/lib/mailstead-tls",
  bans: "/etc/mailstead-bans.nft",
  milterSocket: "/run/rspamd/milter.sock",
  redisSocket: "/run/redis/redis-server.sock",
  knotConf: "/etc/knot/knot.conf",
  knotKeys: "/etc/knot/mailstead-keys.conf",
  knotZones: "/etc/knot/mailstead-zones",
  /** Keys and journal of the zones; made and written by Knot alone. */
  knotState: "/var/lib/knot",
  clamdSocket: "/run/clamav/clamd.ctl",
  resolverConf: "/etc/unbound/mailstead.conf",
  /** Settings of the owner's own for the resolver; nothing of ours is written here. */
  resolverOwnFiles: "/etc/unbound/mailstead.conf.d",
  /** The root's keys as the resolver has followed them. */
  resolverAnchor: "/var/lib/unbound/mailstead-root.key",
  /** What Postfix sees as /etc/resolv.conf. */
  resolvConf: "/etc/mailstead-resolv.conf",
  postfixDns: "/usr/local/lib/mailstead/keep-postfix-dns",
  danePolicies: "/usr/local/lib/mailstead/dane-policies",
  danePoliciesSocket: "/run/mailstead-dane/dane.sock",
  mtaStsSocket: "/run/mta-sts/mta-sts.sock",
} as const;

/** Where the chain and the key of a certificate lie that a CA issued. */
export function certificatePaths(certificateId: string): { certificate: string; key: string } {
  const folder = `${stackPaths.tls}/${certificateId}`;
  return { certificate: `${folder}/certificate.pem`, key: `${folder}/key.pem` };
}

/** Names the addresses of the mailbox whose sieve script sends a message; taken away before the message leaves. */
export const scriptHeader = "X-Mailstead-Script-Of";

/** The account that owns every mailbox. The number is outside what Debian gives to people who are added by hand. */
export const mailUser = { name: "vmail", uid: 5000, gid: 5000, home: stackPaths.mailboxes } as const;

/** The account that puts mails for reports aside. */
export const reportUser = {
  name: reportMailbox.user,
  uid: reportMailbox.userId,
  gid: reportMailbox.userId,
  home: reportMailbox.folder,
} as const;

/** The private key file of a DKIM key; selectors hold no dot, so the name is unambiguous. */
export function dkimKeyPath(domain: string, selector: string): string {
  return `${stackPaths.dkimKeys}/${domain}.${selector}.key`;
}

/** Where a TLS key and its certification request lie; no service reads them here. */
export function tlsKeyPaths(keyId: string): { keyPath: string; requestPath: string } {
  return { keyPath: `${stackPaths.tlsKeys}/${keyId}.key`, requestPath: `${stackPaths.tlsKeys}/${keyId}.csr` };
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
