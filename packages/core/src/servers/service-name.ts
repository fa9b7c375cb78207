const names: Readonly<Record<string, string>> = {
  postfix: "Postfix",
  dovecot: "Dovecot",
  rspamd: "Rspamd",
  redis: "Redis",
  "redis-server": "Redis",
  "redis-rspamd": "Redis",
  fail2ban: "Fail2ban",
  "mailstead-bans": "Address bans",
  postsrsd: "PostSRSd",
  knot: "Knot",
  resolver: "DNS resolver",
  "mailstead-resolver": "DNS resolver",
  "mailstead-postfix-dns": "Resolver of Postfix",
  "tls-policies": "TLS policies",
  "mailstead-dane-policies": "DANE",
  "postfix-mta-sts-resolver": "MTA-STS",
  unbound: "Debian's own Unbound",
  clamav: "ClamAV",
  "clamav-daemon": "ClamAV",
  "clamav-freshclam": "ClamAV updates",
};

/** The name people use for a service or its systemd unit; one that is not known keeps its own. */
export function serviceName(unit: string): string {
  const bare = unitBaseName(unit);
  return names[bare] ?? bare;
}

/** A unit's name without its type and its instance: `postfix` of `postfix@-.service`. */
export function unitBaseName(unit: string): string {
  return unit.replace(/\.(?:service|socket|path)$/, "").replace(/@-?$/, "");
}
