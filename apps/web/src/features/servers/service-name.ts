const names: Readonly<Record<string, string>> = {
  postfix: "Postfix",
  dovecot: "Dovecot",
  rspamd: "Rspamd",
  redis: "Redis",
  "redis-server": "Redis",
  "redis-rspamd": "Redis",
  fail2ban: "Fail2ban",
  "mailstead-bans": "Sign-in bans",
  postsrsd: "PostSRSd",
  "clamav-daemon": "ClamAV",
  "clamav-freshclam": "ClamAV updates",
};

/** The name people use for a systemd unit; a unit that is not known keeps its own. */
export function serviceName(unit: string): string {
  const bare = unit.replace(/\.service$/, "").replace(/@-?$/, "");
  return names[bare] ?? bare;
}

const restartable = {
  postfix: "postfix",
  dovecot: "dovecot",
  rspamd: "rspamd",
  redis: "redis",
  fail2ban: "fail2ban",
  clamav: "clamav",
} as const;
export type RestartableService = keyof typeof restartable;

/** The service that a unit belongs to, in the words of the restart job; null when it is not restarted from here. */
export function restartableService(unit: string): RestartableService | null {
  const [first = ""] = unit.replace(/\.service$/, "").split(/[-@]/);
  return first in restartable ? (first as RestartableService) : null;
}
