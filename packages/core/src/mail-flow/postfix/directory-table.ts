const directoryTables = [
  "domains.cf",
  "mailboxes.cf",
  "aliases.cf",
  "postmasters.cf",
  "disabled-mailboxes.cf",
  "sender-logins.cf",
  "held-accounts.cf",
  "forwarded-senders.cf",
  "relayed-domains.cf",
  "relayed-recipients.cf",
  "relayed-postmasters.cf",
  "provider-splits.cf",
  "provider-routes.cf",
  "gate-forwarded.cf",
] as const;

type DirectoryTable = (typeof directoryTables)[number];

/** A question to the directory, which one proxymap process asks for all others (proxymap(8)). */
export function directoryTable(name: DirectoryTable): string {
  return `proxy:sqlite:$config_directory/mailstead/${name}`;
}

/**
 * The value of proxy_read_maps: every table that proxymap may be asked for, now or after any later change. An smtpd that
 * starts between a new main.cf and the reload asks the old proxymap; for a table unknown there it dies, and port 25 is
 * silent for the minute that master(8) then waits (service_throttle_time). Overrides may name no such table.
 */
export const approvedTables = directoryTables.map(directoryTable).join(", ");
